/** A page that was asked for and that the line does not bring: what stood on the screen stays, with a word about it. */
class Unopened {
  #again = $state.raw<(() => Promise<void>) | null>(null);

  get again(): (() => Promise<void>) | null {
    return this.#again;
  }

  tell(again: () => Promise<void>): void {
    this.#again = again;
  }

  clear(): void {
    this.#again = null;
  }
}

export const unopened = new Unopened();
