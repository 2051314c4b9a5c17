import type { Page } from './paged-list.svelte.ts';

/** What a list is asked with for one of its pages. */
export interface PageQuery {
  readonly limit: string;
  readonly cursor?: string;
}

/** Everything that a question finds, not only what is shown; as long as it is no more than `mostPages`. */
export async function readAll<Item>(
  read: (query: PageQuery) => Promise<Page<Item>>,
  mostPages = Infinity,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const answer: Page<Item> = await read({ limit: '100', ...(cursor !== null && { cursor }) });
    all.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return all;
}
