import { listProjects, type ProjectListItem } from '@safesend/shared/projects/calls.ts';
import { send } from '#lib/api/send.ts';
import { archivedQuery, isWhole, queryOf, type Filter } from './filter.ts';

interface Page {
  readonly items: readonly ProjectListItem[];
  readonly nextCursor: string | null;
}

/** The projects one filter finds, as far as they were asked for. */
export class ProjectList {
  #filter: Filter;
  #items: readonly ProjectListItem[];
  #cursor: string | null;
  #hasArchived: boolean;
  #asked = 0;

  constructor(filter: Filter, first: Page, hasArchived: boolean) {
    this.#filter = filter;
    this.#items = $state.raw(first.items);
    this.#cursor = $state(first.nextCursor);
    this.#hasArchived = $state(hasArchived);
  }

  get items(): readonly ProjectListItem[] {
    return this.#items;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  /** Known while nothing is found: is it because everything is archived? */
  get hasArchived(): boolean {
    return this.#hasArchived;
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
    const items: ProjectListItem[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await this.#read(cursor);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null && items.length < this.#items.length);
    const hasArchived = items.length === 0 && (await this.#readArchived());
    if (turn !== this.#asked) return;
    this.#items = items;
    this.#cursor = cursor;
    this.#hasArchived = hasArchived;
  }

  async #readArchived(): Promise<boolean> {
    if (!isWhole(this.#filter)) return false;
    return (await send(listProjects, { query: archivedQuery })).items.length > 0;
  }

  #read(cursor: string | null): Promise<Page> {
    return send(listProjects, { query: { ...queryOf(this.#filter), ...(cursor !== null && { cursor }) } });
  }
}
