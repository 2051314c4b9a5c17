import { expect, test } from 'vitest';
import { gather, gatherTurn } from './gather.ts';

function controlled(restMs = 0) {
  const batches: { items: readonly number[]; finish(): void }[] = [];
  const add = gather<number, number>(
    (items) =>
      new Promise((resolve) => batches.push({ items, finish: () => resolve(items.map((it) => ({ value: it * 2 }))) })),
    restMs === 0 ? { maxBatch: 3 } : { restMs },
  );
  return { batches, add };
}

test('G6 alone, an item is worked on at once; what arrives meanwhile goes together', async () => {
  const { batches, add } = controlled();
  const first = add(1);
  expect(batches.map(({ items }) => items)).toEqual([[1]]);
  const rest = [2, 3, 4, 5].map(add);
  batches[0]?.finish();
  expect(await first).toBe(2);
  await expect.poll(() => batches.length).toBe(2);
  expect(batches[1]?.items).toEqual([2, 3, 4]);
  batches[1]?.finish();
  await expect.poll(() => batches.length).toBe(3);
  batches[2]?.finish();
  expect(await Promise.all(rest)).toEqual([4, 6, 8, 10]);
});

test('G6 those who answer to a batch of several share the next one, and one alone still waits for nobody', async () => {
  const { batches, add } = controlled(5);
  const alone = add(0);
  const several = [1, 2, 3, 4].map(add);
  batches[0]?.finish();
  expect(await alone).toBe(0);
  await expect.poll(() => batches.length).toBe(2);
  batches[1]?.finish();
  await Promise.all(several);
  const prompt = add(5);
  await new Promise(setImmediate);
  const behind = add(6);
  await expect.poll(() => batches.length).toBe(3);
  expect(batches[2]?.items).toEqual([5, 6]);
  batches[2]?.finish();
  expect(await Promise.all([prompt, behind])).toEqual([10, 12]);
  void add(7);
  expect(batches[3]?.items).toEqual([7]);
});

test('G2 a batch that fails rejects its own items and the next one runs', async () => {
  let runs = 0;
  const add = gather<string, string>(async (items) => {
    runs += 1;
    if (runs === 1) throw new Error('down');
    return items.map((value) => ({ value }));
  });
  await expect(add('lost')).rejects.toThrow('down');
  expect(await add('kept')).toBe('kept');
});

test('T-F11 an item that must wait joins the next batch', async () => {
  let passes = 0;
  const add = gather<string, number>(async () => [++passes < 3 ? 'again' : { value: passes }]);
  expect(await add('held')).toBe(3);
});

test('G4 an item that joins the next batch stays before those who came after it', async () => {
  const batches: string[][] = [];
  const add = gather<string, number>(async (items) => {
    batches.push([...items]);
    return items.map(() => (batches.length === 1 ? 'again' : { value: batches.length }));
  });
  await Promise.all([add('first'), add('second')]);
  expect(batches).toEqual([['first'], ['first', 'second']]);
});

test('G6 what arrives in one turn goes together, and a batch that is never answered holds up no other', async () => {
  const batches: string[][] = [];
  const ask = gatherTurn<string, string>((items) => {
    batches.push([...items]);
    if (items.includes('lost')) return new Promise(() => undefined);
    return Promise.resolve(items.map((it) => (it === 'bad' ? { error: new Error('bad') } : { value: `${it}!` })));
  });
  void ask('lost');
  await new Promise(setImmediate);
  const answers = await Promise.allSettled([ask('one'), ask('bad'), ask('two')]);
  expect(answers.map((it) => (it.status === 'fulfilled' ? it.value : 'refused'))).toEqual(['one!', 'refused', 'two!']);
  expect(batches).toEqual([['lost'], ['one', 'bad', 'two']]);
});
