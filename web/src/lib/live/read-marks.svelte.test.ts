import { expect, test } from 'vitest';
import { ReadMarks } from './read-marks.svelte.ts';

const all = (marks: ReadMarks) => Object.fromEntries(marks.all);

test('UX 17 an answer on its way replaces every mark, but what was told meanwhile stays', async () => {
  const marks = new ReadMarks([
    { userId: 'ida', seq: 3 },
    { userId: 'tom', seq: 8 },
    { userId: 'ann', seq: 1 },
    { userId: 'left', seq: 4 },
  ]);
  const { promise, resolve } = Promise.withResolvers<{ userId: string; seq: number }[] | null>();
  const replacing = marks.replaceBy(promise);
  marks.set('ida', 2);
  marks.advance('ann', 5);
  marks.advance('tom', 9);
  resolve([
    { userId: 'ida', seq: 3 },
    { userId: 'tom', seq: 7 },
    { userId: 'ann', seq: 6 },
  ]);
  await replacing;
  expect(all(marks)).toEqual({ ida: 2, tom: 9, ann: 6 });
});

test('UX 17 without an answer the marks stay as they are', async () => {
  const marks = new ReadMarks([{ userId: 'ida', seq: 3 }]);
  await marks.replaceBy(Promise.resolve(null));
  expect(all(marks)).toEqual({ ida: 3 });
});
