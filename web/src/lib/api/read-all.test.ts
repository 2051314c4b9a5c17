import { expect, test } from 'vitest';
import { readAll, type PageQuery } from './read-all.ts';

const pages: Record<string, { items: number[]; nextCursor: string | null }> = {
  first: { items: [1, 2], nextCursor: 'b' },
  b: { items: [3], nextCursor: 'c' },
  c: { items: [4], nextCursor: null },
};
const read = (query: PageQuery) => Promise.resolve(pages[query.cursor ?? 'first']!);

test('UX 36 everything is read, page by page, or as many pages as are wanted', async () => {
  expect(await readAll(read)).toEqual([1, 2, 3, 4]);
  expect(await readAll(read, 2)).toEqual([1, 2, 3]);
});
