import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Courtesy } from './courtesy.ts';

const manners = { atOnce: 4, rest: 1 };

/** A piece of work that lasts until it is let go, or fails. */
function piece(courtesy: Courtesy, whose = 'somebody') {
  const held = Promise.withResolvers<void>();
  let hasBegun = false;
  const passed = courtesy.inTurn(whose, async () => {
    hasBegun = true;
    await held.promise;
  });
  passed.catch(() => undefined);
  return { passed, letGo: held.resolve, fail: held.reject, hasBegun: () => hasBegun };
}

const begun = async (pieces: readonly { hasBegun: () => boolean }[]) => {
  await turn();
  return pieces.map((it) => it.hasBegun());
};

test('UX 24 while nobody talks several uploads pass at once, and the next one when any of them has ended', async () => {
  const courtesy = new Courtesy(() => false, manners);
  const pieces = Array.from({ length: 6 }, () => piece(courtesy));
  expect(await begun(pieces)).toEqual([true, true, true, true, false, false]);
  pieces[2]?.letGo();
  expect(await begun(pieces)).toEqual([true, true, true, true, true, false]);
  pieces[0]?.fail(new Error('its disk is full'));
  expect(await begun(pieces)).toEqual([true, true, true, true, true, true]);
  for (const { letGo } of pieces) letGo();
  await Promise.allSettled(pieces.map(({ passed }) => passed));
});

test('G13 while people talk one upload passes at a time, in the order in which they came, and none is forgotten when another fails', async () => {
  const courtesy = new Courtesy(() => true, manners);
  const order: string[] = [];
  const upload = async (name: string, pieces: number) => {
    for (let n = 1; n <= pieces; n++)
      await courtesy
        .inTurn(name, async () => {
          order.push(`${name}${n}`);
          await turn();
          if (name === 'b') throw new Error('cut off');
        })
        .catch(() => undefined);
  };
  await Promise.all([upload('a', 3), upload('b', 2), upload('c', 2)]);
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3']);
  const [first, second] = [piece(courtesy), piece(courtesy)];
  await expect.poll(() => first.hasBegun()).toBe(true);
  expect(second.hasBegun()).toBe(false);
  first.fail(new Error('cut off'));
  await expect.poll(() => second.hasBegun()).toBe(true);
  second.letGo();
  await second.passed;
});

test('UX 24 what waits while people talk goes on when they have stopped', async () => {
  let isTalkGoingOn = true;
  const courtesy = new Courtesy(() => isTalkGoingOn, manners);
  const pieces = Array.from({ length: 4 }, () => piece(courtesy));
  expect(await begun(pieces)).toEqual([true, false, false, false]);
  isTalkGoingOn = false;
  pieces[0]?.letGo();
  await expect.poll(async () => begun(pieces)).toEqual([true, true, true, true]);
  for (const { letGo } of pieces) letGo();
  await Promise.all(pieces.map(({ passed }) => passed));
});

test('G13 who waits for a lock of somebody else has had his turn after a while, and others begin', async () => {
  const courtesy = new Courtesy(() => true, { ...manners, longestTurnMs: 5 });
  const [held, other] = [piece(courtesy), piece(courtesy, 'other')];
  await expect.poll(() => other.hasBegun()).toBe(true);
  held.fail(new Error('the lock is gone'));
  await expect(held.passed, 'he hears what became of it').rejects.toThrow('the lock is gone');
  other.letGo();
  await other.passed;
});

test('G13 a turn that is said twice to be over is one turn', async () => {
  const courtesy = new Courtesy(() => true, manners);
  const end = await courtesy.turn('somebody');
  end();
  end();
  const [first, second] = [piece(courtesy), piece(courtesy)];
  await expect.poll(() => first.hasBegun()).toBe(true);
  expect(await begun([first, second])).toEqual([true, false]);
  first.letGo();
  await expect.poll(() => second.hasBegun()).toBe(true);
  second.letGo();
  await second.passed;
});

test('G13 who sends one file does not wait behind fifty of somebody else', async () => {
  const courtesy = new Courtesy(() => true, manners);
  const order: string[] = [];
  const pass = (whose: string) => courtesy.inTurn(whose, async () => void order.push(whose));
  await Promise.all([...Array.from({ length: 50 }, () => pass('crowd')), pass('one'), pass('other'), pass('one')]);
  // The first was under way when they came.
  expect(order.slice(0, 6)).toEqual(['crowd', 'crowd', 'one', 'other', 'crowd', 'one']);
  expect(order).toHaveLength(53);
});
