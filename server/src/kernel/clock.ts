import { advanceClock } from '@safesend/shared/clock.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Door } from './http.ts';
import { isFromHere } from './origin.ts';
import { query, type Em } from './sql.ts';
import { productNow } from './transact.ts';

/** The test clock: anybody on this machine may move product time, where the operator switched that on. */
export function clockRoutes(door: Door): void {
  door(advanceClock, async ({ em, body, c }) => {
    if (!isFromHere(c.env.incoming)) throw new Failure('missing', 'No such resource.');
    return { now: (await advance(em, body.advanceSeconds)).toISOString() };
  });
}

async function advance(em: Em, seconds: number): Promise<Date> {
  await query(em, 'update product_clock set offset_seconds = offset_seconds + $1', [seconds]);
  return productNow(em);
}
