import type { Logger } from './log.ts';

/** Work that is looked for again and again. Two processes may make the same round at once. */
export interface Round {
  readonly name: string;
  readonly everySeconds: number;
  run(): Promise<void>;
}

/** Makes rounds until it is stopped; stopping waits for those under way. One that fails is tried again at its next time. */
export class Rounds {
  readonly #log: Logger;
  readonly #byName = new Map<string, Round>();
  readonly #running = new Map<string, Promise<void>>();
  /** Rounds that were woken while they were under way: they may have looked before there was something to find. */
  readonly #wanted = new Set<string>();
  #timers: NodeJS.Timeout[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  start(rounds: readonly Round[]): void {
    for (const round of rounds) {
      this.#byName.set(round.name, round);
      this.#timers.push(setInterval(() => this.#make(round), round.everySeconds * 1_000).unref());
      this.#make(round);
    }
  }

  /**
   * Makes a round now, where this process makes it at all: there is something to find. Another process, and whoever
   * missed this, finds it at the round's next time.
   */
  wake(name: string): void {
    const round = this.#byName.get(name);
    if (!round) return;
    if (this.#running.has(name)) this.#wanted.add(name);
    else this.#make(round);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#byName.clear();
    this.#wanted.clear();
    await Promise.allSettled(this.#running.values());
  }

  #make(round: Round): void {
    const { name } = round;
    if (this.#running.has(name)) return;
    const done = round
      .run()
      .catch((error: unknown) => this.#log.warn({ err: error, round: name }, 'a round failed'))
      .finally(() => {
        this.#running.delete(name);
        if (this.#wanted.delete(name)) this.wake(name);
      });
    this.#running.set(name, done);
  }
}
