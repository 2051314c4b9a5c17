import { describe, expect, it } from 'vitest';
import { PagedList, type Page } from './paged-list.svelte.ts';

/** Two things a page; what is there may change between two questions. */
function shelf(...things: string[]) {
  const read = (cursor: string | null): Page<string> => {
    const start = Number(cursor ?? 0);
    const end = start + 2;
    return { items: things.slice(start, end), nextCursor: end < things.length ? String(end) : null };
  };
  return { things, read };
}

describe('PagedList', () => {
  it('reads on from where it stopped until nothing more is there', async () => {
    const { read } = shelf('a', 'b', 'c', 'd', 'e');
    const list = new PagedList(read(null), async (cursor) => read(cursor));
    await list.more();
    expect(list.items).toEqual(['a', 'b', 'c', 'd']);
    await list.more();
    await list.more();
    expect(list.items).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(list.cursor).toBeNull();
  });

  it('UX 42 a refresh reads again as much as is shown, and no more', async () => {
    const { things, read } = shelf('a', 'b', 'c', 'd', 'e');
    const list = new PagedList(read(null), async (cursor) => read(cursor));
    await list.more();
    things.unshift('new');
    await list.refresh();
    expect(list.items).toEqual(['new', 'a', 'b', 'c']);
    expect(list.first.items).toEqual(['new', 'a']);
    await list.more();
    expect(list.items).toEqual(['new', 'a', 'b', 'c', 'd', 'e']);
  });

  it('drops an answer that a later question overtook', async () => {
    const { things, read } = shelf('a', 'b', 'c');
    const answers: (() => void)[] = [];
    const list = new PagedList(read(null), (cursor) => {
      const page = read(cursor);
      return new Promise<Page<string>>((resolve) => answers.push(() => resolve(page)));
    });
    const slow = list.more();
    things[0] = 'A';
    const quick = list.refresh();
    answers[1]?.();
    await quick;
    answers[0]?.();
    await slow;
    expect(list.items).toEqual(['A', 'b']);
    expect(list.cursor).toBe('2');
  });
});
