export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** What one question finds, as far as it was asked for; `read` answers the page at a cursor, or the first one. */
export class PagedList<Item, Answer extends Page<Item> = Page<Item>> {
  #read: (cursor: string | null) => Promise<Answer>;
  #first: Answer;
  #items: readonly Item[];
  #cursor: string | null;
  #asked = 0;

  constructor(first: Answer, read: (cursor: string | null) => Promise<Answer>) {
    this.#read = read;
    this.#first = $state.raw(first);
    this.#items = $state.raw(first.items);
    this.#cursor = $state(first.nextCursor);
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  /** The first page as it was last answered, with what it says beside its items. */
  get first(): Answer {
    return this.#first;
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
    const first = await this.#read(null);
    const items = [...first.items];
    let cursor = first.nextCursor;
    while (cursor !== null && items.length < this.#items.length) {
      const page = await this.#read(cursor);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    if (turn !== this.#asked) return;
    this.#first = first;
    this.#items = items;
    this.#cursor = cursor;
  }
}
