import { expect, test, vi } from 'vitest';
import { ApiProblem, offlineProblem } from '#lib/api/problem.ts';
import { answered, commandFor, insist, isKnown } from './command.ts';

const refused = (status: number, code: ApiProblem['code']) =>
  new ApiProblem({ status, code, detail: '', requestId: 'request' });

test('G2 the same about the same is one command until it is done; anything else is another', () => {
  const room = {};
  const id = commandFor(room, 'release', [1_001, { heldMinor: 100_000 }]);
  expect(commandFor(room, 'release', [1_001, { heldMinor: 100_000 }])).toBe(id);
  expect(commandFor(room, 'refund', [1_001, { heldMinor: 100_000 }])).not.toBe(id);
  expect(commandFor({}, 'release', [1_001, { heldMinor: 100_000 }])).not.toBe(id);
  answered(room, 'release');
  const next = commandFor(room, 'release', [1_001, { heldMinor: 100_000 }]);
  expect(next, 'meant once more').not.toBe(id);
  expect(commandFor(room, 'release', [1_001, { heldMinor: 98_999 }]), 'the room has moved on').not.toBe(next);
});

test.each([
  ['no answer', offlineProblem()],
  ['a failure', refused(500, 'unexpected')],
  ['an outage', refused(503, 'unavailable')],
])('G2 after %s nobody knows, and what refuses before the command is looked at does not change that', (_, doubt) => {
  const room = {};
  const id = commandFor(room, 'release', 1);
  expect(isKnown(room, 'release', doubt)).toBe(false);
  for (const problem of [refused(429, 'throttled'), refused(401, 'unauthenticated'), new TypeError('odd'), doubt]) {
    expect(isKnown(room, 'release', problem)).toBe(false);
    expect(commandFor(room, 'release', 1)).toBe(id);
  }
  expect(isKnown(room, 'release', refused(409, 'conflict')), 'it was not done, and never will be').toBe(true);
  expect(commandFor(room, 'release', 1)).not.toBe(id);
});

test.each([
  refused(429, 'throttled'),
  refused(401, 'unauthenticated'),
  refused(403, 'reauthentication_required'),
  refused(422, 'invalid'),
  refused(503, 'payments_not_configured'),
])('G2 what is refused at the first try was not done: $code', (problem) => {
  const room = {};
  commandFor(room, 'release', 1);
  expect(isKnown(room, 'release', problem)).toBe(true);
});

test('UX 46 A20 whoever must say first who he is, is asked: a password that is not taken is sent once, also in doubt', async () => {
  const room = {};
  commandFor(room, 'release', 1);
  isKnown(room, 'release', offlineProblem());
  const asking = refused(401, 'reauthentication_required');
  const ask = vi.fn(() => Promise.reject(asking));
  await expect(insist(ask, (problem) => isKnown(room, 'release', problem))).rejects.toBe(asking);
  expect(ask).toHaveBeenCalledTimes(1);
});
