import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hashPassword, isPassword } from './passwords.ts';

test('A07 the same letters typed in another way are the same password', async () => {
  const hash = await hashPassword('café am hafen');
  expect(await isPassword(hash, 'cafe\u0301 am hafen')).toBe(true);
  expect(await isPassword(hash, 'cafe am hafen')).toBe(false);
});

test('T-S8 without an account there is nothing to match', async () => {
  expect(await isPassword(null, 'anything')).toBe(false);
  expect(await isPassword(undefined, '')).toBe(false);
});

test('T-S15 the event loop turns freely while passwords are hashed', async () => {
  let busy = true;
  const hashing = Promise.all(Array.from({ length: 12 }, () => hashPassword('seven quiet lamps'))).finally(
    () => (busy = false),
  );
  let turns = 0;
  for (; busy; turns++) await turn();
  await hashing;
  // On the loop itself there would be about one turn for each hash.
  expect(turns).toBeGreaterThan(200);
});

test('G13 a flood of passwords is refused beyond what can be waited for, and the rest is answered', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 270 }, () => isPassword(null, 'flood')));
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(256);
  for (const it of refused) expect(it).toMatchObject({ reason: { code: 'unavailable' } });
  expect(await isPassword(null, 'afterwards')).toBe(false);
}, 30_000);
