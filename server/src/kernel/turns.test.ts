import { setImmediate as laterOn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { oneAtATime } from './turns.ts';

test('T-S15 what keeps a process is done one at a time, in order, with others let through; one that fails keeps nobody', async () => {
  const inTurn = oneAtATime();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await laterOn();
    seen.push(`${name} ends`);
    if (name === 'second') throw new Error('it cannot be drawn');
    return name;
  };
  const asked = ['first', 'second', 'third'].map((name) => inTurn('somebody', work(name)));
  const others = asked[0]?.then(() => laterOn()).then(() => seen.push('somebody else'));
  const done = await Promise.allSettled(asked);
  await others;
  expect(done.map((it) => (it.status === 'fulfilled' ? it.value : 'failed'))).toEqual(['first', 'failed', 'third']);
  expect(seen.filter((it) => it !== 'somebody else')).toEqual(
    ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  expect(seen.indexOf('somebody else')).toBeLessThan(seen.indexOf('second begins'));
});

test('T-S15 who asked for much has one done before the next of each who asked for less', async () => {
  const inTurn = oneAtATime();
  const done: string[] = [];
  const asked = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2'].map((name) =>
    inTurn(name.slice(0, 1), async () => void done.push(name)),
  );
  await Promise.all(asked);
  expect(done).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'c2', 'a4']);
  await inTurn('b', async () => void done.push('b2'));
  expect(done.at(-1), 'after everything was done').toBe('b2');
});
