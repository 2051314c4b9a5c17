/** So much of some work at once, and of what would wait for each other anyway, one at a time. */
export class Gate {
  readonly #atOnce: number;
  readonly #busy = new Set<string>();
  readonly #waiting: { readonly key: string; readonly turn: () => void }[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((turn) => {
      this.#waiting.push({ key, turn });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#busy.delete(key);
      this.#admit();
    }
  }

  #admit(): void {
    while (this.#busy.size < this.#atOnce) {
      const next = this.#waiting.findIndex(({ key }) => !this.#busy.has(key));
      const [admitted] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (!admitted) return;
      this.#busy.add(admitted.key);
      admitted.turn();
    }
  }
}
