import { expect, test } from 'vitest';
import { nextStepOf, stepCount } from './way.ts';

const funded = { fundedAt: '2026-11-01T00:00:00.000Z' } as Parameters<typeof stepCount>[0]['hold'];
const delivered = { number: 1 } as Parameters<typeof stepCount>[0]['submission'];

test.each([
  ['planned', null, null, 0, 0],
  ['funded', funded, null, 1, 1],
  ['disputed', funded, delivered, 2, 2],
  ['released', funded, delivered, 4, null],
  ['cancelled', null, null, 0, null],
  ['refunded', funded, null, 1, null],
  ['refunded', funded, delivered, 2, null],
] as const)(
  'UX 31 %s: the steps behind it, and the next one unless it is over',
  (status, hold, submission, count, next) => {
    const milestone = { status, hold, submission };
    expect([stepCount(milestone), nextStepOf(milestone)]).toEqual([count, next]);
  },
);
