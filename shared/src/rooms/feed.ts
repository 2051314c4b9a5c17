import type { RoomEvent } from './event.ts';
import { reduceRoom } from './reduce.ts';
import type { RoomState } from './room.ts';

/** One answer of the log: the events after the position that was asked for. */
export interface FeedPage {
  readonly events: readonly RoomEvent[];
  readonly headSeq: number;
  readonly epoch: string;
  readonly more: boolean;
}

/** What the log is asked, and where the view stood then. Its answer counts while the feed still awaits it. */
export interface FeedQuestion {
  readonly after: number;
  readonly epoch: string;
  readonly why: 'connected' | 'gap' | 'more';
}

export interface FeedLink {
  /** Ask the log for what follows; answer with `caughtUp`, `refused` or `failed`. `gap` may wait a moment for stragglers. */
  ask(question: FeedQuestion): void;
  /** The view cannot be continued: fetch a fresh snapshot and hand it to `replace`. */
  reset(): void;
  /** The state moved by these events. */
  applied?(events: readonly RoomEvent[]): void;
}

const maxEarly = 2_000;

/**
 * Keeps one room's state true over a link that may drop, repeat or reorder. It drops what it has, holds what is early
 * and asks the log from its head on a gap; it never guesses.
 */
export class RoomFeed {
  #state: RoomState;
  #link: FeedLink;
  #question: FeedQuestion | null = null;
  #resetting = false;
  /** The log has not said yet that the link which is up continues this very history. */
  #isUnsure = false;
  #early = new Map<number, RoomEvent>();

  constructor(snapshot: RoomState, link: FeedLink) {
    this.#state = snapshot;
    this.#link = link;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** The link is (again) up: whatever was asked before is void. */
  connected(): void {
    this.#question = null;
    this.#isUnsure = true;
    this.#askFor('connected');
  }

  /** Whether the answer is still of use: a new link, and a fresh view, make what was asked before void. */
  awaits(question: FeedQuestion): boolean {
    return question === this.#question;
  }

  receive(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.seq > this.#state.headSeq && this.#early.size < maxEarly) this.#early.set(event.seq, event);
    }
    this.#drain();
    if (this.#early.size > 0) this.#askFor('gap');
  }

  /** Somebody says how far the room is. */
  hint(headSeq: number, epoch: string): void {
    if (epoch !== this.#state.epoch) this.#startReset();
    else if (headSeq > this.#state.headSeq) this.#askFor('gap');
  }

  caughtUp(question: FeedQuestion, page: FeedPage): void {
    if (!this.#isAnswered(question)) return;
    if (page.epoch !== this.#state.epoch) return this.#startReset();
    this.#isUnsure = false;
    // What the log leaves out between two events of one page is not for this reader: the page is the truth.
    this.#apply(page.events.filter(({ seq }) => seq > this.#state.headSeq));
    this.#drain();
    if (page.more || this.#early.size > 0) this.#askFor('more');
  }

  /** The log refused the position (another epoch, an unseen stretch, beyond the head). */
  refused(question: FeedQuestion): void {
    if (this.#isAnswered(question)) this.#startReset();
  }

  /** The question got no answer; the link asks again when it can. */
  failed(question: FeedQuestion): void {
    this.#isAnswered(question);
  }

  replace(snapshot: RoomState): void {
    this.#state = snapshot;
    this.#early.clear();
    this.#resetting = false;
    this.connected();
  }

  #askFor(why: FeedQuestion['why']): void {
    if (this.#question || this.#resetting) return;
    const { headSeq: after, epoch } = this.#state;
    this.#question = { after, epoch, why };
    this.#link.ask(this.#question);
  }

  #isAnswered(question: FeedQuestion): boolean {
    if (!this.awaits(question)) return false;
    this.#question = null;
    return true;
  }

  #startReset(): void {
    if (this.#resetting) return;
    this.#resetting = true;
    this.#question = null;
    this.#link.reset();
  }

  #drain(): void {
    // Facts do not name their epoch: those of another history would fit on the end of this one.
    if (this.#isUnsure || this.#resetting) return;
    const ready: RoomEvent[] = [];
    for (let seq = this.#state.headSeq + 1; ; seq++) {
      const event = this.#early.get(seq);
      if (!event) break;
      ready.push(event);
    }
    this.#apply(ready);
  }

  #apply(events: readonly RoomEvent[]): void {
    if (events.length > 0) {
      this.#state = events.reduce(reduceRoom, this.#state);
      this.#link.applied?.(events);
    }
    for (const seq of this.#early.keys()) if (seq <= this.#state.headSeq) this.#early.delete(seq);
  }
}
