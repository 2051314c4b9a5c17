/** How work gives way to people who talk. */
export interface Manners {
  /** So much of it goes on at once while nobody talks; while people do, one at a time. */
  readonly atOnce: number;
  /** And then it rests this many times as long as the last of it took. */
  readonly rest: number;
  /** What takes longer goes on, and the next has its turn: for work that may wait for somebody else. */
  readonly longestTurnMs?: number;
}

/** However slow a machine is, so often some of it is done. */
const longestRestMs = 50;
/** And however many wait, so long are the rests of a round together: nobody who waits is taken for gone. */
const longestRoundMs = 5_000;

/**
 * Work that gives way. People take turns, and each one's is done in the order in which it came: who wants one thing does not
 * stand behind somebody's fifty. Whatever becomes of one piece of it, the next has its turn.
 */
export class Courtesy {
  readonly #isTalkGoingOn: () => boolean;
  readonly #manners: Manners;
  /** Of each person; the next turn is the first one's. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #waitingCount = 0;
  #underWay = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(isTalkGoingOn: () => boolean, manners: Manners) {
    this.#isTalkGoingOn = isTalkGoingOn;
    this.#manners = manners;
  }

  async inTurn<Result>(whose: string, work: () => Promise<Result>): Promise<Result> {
    const end = await this.turn(whose);
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Waits for a turn; answers how to say that it is over. Said again, it is nothing. */
  async turn(whose: string): Promise<() => void> {
    await new Promise<void>((turn) => {
      const turns = this.#waiting.get(whose);
      if (turns) turns.push(turn);
      else this.#waiting.set(whose, [turn]);
      this.#waitingCount++;
      this.#admit();
    });
    const begun = performance.now();
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(limit);
      this.#underWay--;
      if (this.#isTalkGoingOn()) this.#restAfter(performance.now() - begun);
      this.#admit();
    };
    const { longestTurnMs } = this.#manners;
    const limit = longestTurnMs === undefined ? undefined : setTimeout(end, longestTurnMs);
    return end;
  }

  #admit(): void {
    if (this.#rest) return;
    while (this.#underWay < (this.#isTalkGoingOn() ? 1 : this.#manners.atOnce)) {
      const turn = this.#next();
      if (!turn) return;
      this.#underWay++;
      turn();
    }
  }

  #next(): (() => void) | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    const [whose, turns] = first;
    const turn = turns.shift();
    this.#waiting.delete(whose);
    if (turns.length > 0) this.#waiting.set(whose, turns);
    this.#waitingCount--;
    return turn;
  }

  #restAfter(tookMs: number): void {
    clearTimeout(this.#rest);
    const resting = Math.min(tookMs * this.#manners.rest, longestRestMs, longestRoundMs / (this.#waitingCount + 1));
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.#admit();
    }, resting);
  }
}
