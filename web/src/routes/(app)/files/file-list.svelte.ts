import { listFiles } from '@safesend/shared/files/calls.ts';
import type { ListedFile } from '@safesend/shared/files/file.ts';
import { send } from '#lib/api/send.ts';
import { queryOf, type Filter } from './filter.ts';

interface Page {
  readonly items: readonly ListedFile[];
  readonly nextCursor: string | null;
}

/** The files one filter finds, as far as they were asked for. */
export class FileList {
  #filter: Filter;
  #items: readonly ListedFile[];
  #cursor: string | null;
  #asked = 0;

  constructor(filter: Filter, first: Page) {
    this.#filter = filter;
    this.#items = $state.raw(first.items);
    this.#cursor = $state(first.nextCursor);
  }

  get items(): readonly ListedFile[] {
    return this.#items;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  async more(): Promise<void> {
    if (this.#cursor === null) return;
    const turn = ++this.#asked;
    const page = await this.#read(this.#cursor);
    if (turn !== this.#asked) return;
    this.#items = [...this.#items, ...page.items];
    this.#cursor = page.nextCursor;
  }

  /** Reads as much again as is shown; an answer that a later question overtook is dropped. */
  async refresh(): Promise<void> {
    const turn = ++this.#asked;
    const items: ListedFile[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await this.#read(cursor);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null && items.length < this.#items.length);
    if (turn !== this.#asked) return;
    this.#items = items;
    this.#cursor = cursor;
  }

  #read(cursor: string | null): Promise<Page> {
    return send(listFiles, { query: { ...queryOf(this.#filter), ...(cursor !== null && { cursor }) } });
  }
}
