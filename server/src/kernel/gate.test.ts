import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

/** Work of a room that lasts until it is let go. */
function work(gate: Gate, room: string) {
  const held = Promise.withResolvers<void>();
  let hasBegun = false;
  const passed = gate.inTurn(room, async () => {
    hasBegun = true;
    await held.promise;
  });
  passed.catch(() => undefined);
  return { passed, letGo: held.resolve, fail: held.reject, hasBegun: () => hasBegun };
}

test('G13 a room that is held keeps one place and no more, and whoever fails makes room for the next', async () => {
  const gate = new Gate(2);
  const [held, behind, other, third] = ['held', 'held', 'other', 'third'].map((room) => work(gate, room)) as [
    ReturnType<typeof work>,
    ...ReturnType<typeof work>[],
  ];
  const begun = async () => {
    await turn();
    return [held, behind, other, third].map((it) => it?.hasBegun());
  };
  expect(await begun()).toEqual([true, false, true, false]);
  other?.fail(new Error('cut off'));
  expect(await begun()).toEqual([true, false, true, true]);
  third?.letGo();
  expect(await begun()).toEqual([true, false, true, true]);
  held.letGo();
  expect(await begun()).toEqual([true, true, true, true]);
  behind?.letGo();
  await Promise.all([held.passed, behind?.passed]);
});
