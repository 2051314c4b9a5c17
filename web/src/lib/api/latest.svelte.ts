/** Numbers questions: an answer says nothing once a later one was answered, or once something was done that overtook it. */
export class Questions {
  #asked = 0;
  #answered = 0;

  /** Answers null where it is overtaken. */
  async ask<Answer extends object>(question: Promise<Answer>): Promise<Answer | null> {
    const number = ++this.#asked;
    const answer = await question;
    if (number <= this.#answered) return null;
    this.#answered = number;
    return answer;
  }

  /** What was asked until now says nothing any more. */
  overtake(): void {
    this.#answered = this.#asked;
  }
}

/**
 * One thing as its page was loaded with it, or as it was answered since; it does not fall back when other data are loaded
 * anew. Made with the component that shows it.
 */
export class Latest<Thing extends object> {
  readonly #ask: () => Promise<Thing>;
  readonly #questions = new Questions();
  readonly #loaded: Thing;
  #current: Thing;
  #isLeft = false;

  constructor(loaded: () => Thing, ask: () => Promise<Thing>) {
    this.#ask = ask;
    this.#loaded = $derived(loaded());
    this.#current = $derived(this.#loaded);
    $effect(() => () => (this.#isLeft = true));
  }

  get current(): Thing {
    return this.#current;
  }

  /** Without an answer it stays as it is: the next news or the next link asks again. */
  async refresh(): Promise<void> {
    const loaded = this.#loaded;
    const fresh = await this.#questions.ask(this.#ask()).catch(() => null);
    if (this.#isLeft) return;
    // Nobody knows which of the two was asked first.
    if (loaded !== this.#loaded) return this.refresh();
    if (fresh) this.#current = fresh;
  }
}
