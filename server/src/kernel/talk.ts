/** Who was answered is about to say the next thing: so long after a message people still talk. */
const pauseMs = 1_000;

/** Do people talk to each other at this moment? What can wait for them asks. */
export class Talk {
  #underWay = 0;
  #lastEndedAt = Number.NEGATIVE_INFINITY;

  get isGoingOn(): boolean {
    return this.#underWay > 0 || performance.now() - this.#lastEndedAt < pauseMs;
  }

  /** The same verb, and whoever asks knows that somebody said something. */
  noticing<Said extends unknown[], Result>(
    verb: (...said: Said) => Promise<Result>,
  ): (...said: Said) => Promise<Result> {
    return async (...said) => {
      this.#underWay++;
      try {
        return await verb(...said);
      } finally {
        this.#underWay--;
        this.#lastEndedAt = performance.now();
      }
    };
  }
}
