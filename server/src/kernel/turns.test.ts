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
  const asked = ['first', 'second', 'third'].map((name) => inTurn(work(name)));
  const others = asked[0]?.then(() => laterOn()).then(() => seen.push('somebody else'));
  const done = await Promise.allSettled(asked);
  await others;
  expect(done.map((it) => (it.status === 'fulfilled' ? it.value : 'failed'))).toEqual(['first', 'failed', 'third']);
  expect(seen.filter((it) => it !== 'somebody else')).toEqual(
    ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  expect(seen.indexOf('somebody else')).toBeLessThan(seen.indexOf('second begins'));
});
