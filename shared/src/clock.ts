import { z } from 'zod';
import { call } from './call.ts';
import { moment } from './values.ts';

/** Exists only where `SAFESEND_TEST_CLOCK=1`; moves every deadline of the product, and nothing else. */
export const advanceClock = call({
  method: 'post',
  path: '/test/clock',
  summary: 'Move product time forward (test installations only, loopback only)',
  access: 'public',
  body: z.strictObject({
    advanceSeconds: z
      .int()
      .min(0)
      .max(400 * 24 * 3_600),
  }),
  answers: { 200: z.strictObject({ now: moment }) },
});
