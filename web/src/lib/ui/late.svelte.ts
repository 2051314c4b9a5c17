import { lineIsBack } from '#lib/api/reach.ts';

/** What somebody asked for and the line has not brought yet, in words that need nothing fetched. */
class Late {
  #waits = $state.raw<readonly { readonly words: string | null }[]>([]);

  get isWaiting(): boolean {
    return this.#waits.length > 0;
  }

  /** The newest words that wait for their place; null when only a part of the page is late. */
  get words(): string | null {
    return this.#waits.findLast(({ words }) => words !== null)?.words ?? null;
  }

  add(words: string | null): () => void {
    const wait = { words };
    this.#waits = [...this.#waits, wait];
    return () => (this.#waits = this.#waits.filter((it) => it !== wait));
  }
}

export const late = new Late();

/**
 * Fetches a part of the page that somebody asked for. When the line does not bring it, that is said, with the words that
 * would have stood in it if there are any, and it is asked for until it is here.
 */
export async function fetchPart<Part>(load: () => Promise<Part>, words: string | null = null): Promise<Part> {
  let said: (() => void) | undefined;
  try {
    for (;;) {
      try {
        return await load();
      } catch {
        said ??= late.add(words);
        await lineIsBack();
      }
    }
  } finally {
    said?.();
  }
}
