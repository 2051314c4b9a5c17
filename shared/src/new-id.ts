import { v7 } from 'uuid';

const chance = new Uint8Array(2_048);
let used = chance.length;
let msecs = 0;
let seq = 0;

/**
 * A new id whose order follows time (UUID version 7, RFC 9562), made by browser and server alike; the ids of one maker
 * follow each other within a millisecond too. Chance is fetched for many at once: asking for it cost more than the rest.
 */
export function newId(): string {
  if (used === chance.length) {
    crypto.getRandomValues(chance);
    used = 0;
  }
  const random = chance.subarray(used, (used += 16));
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // One bit less than there is room for, so that counting on never runs over.
    seq = ((random[6] ?? 0) << 23) | ((random[7] ?? 0) << 15) | ((random[8] ?? 0) << 7) | ((random[9] ?? 0) & 0x7f);
  } else {
    seq += 1;
  }
  return v7({ random, msecs, seq });
}
