import type { RoomEvent } from '@safesend/shared/rooms/event.ts';

/** Facts of one commit and who receives them. */
export interface Told {
  readonly events: readonly RoomEvent[];
  readonly recipients: readonly string[];
}

/** Another process's publication takes this long only when something is wrong. */
const patienceMs = 25;

/**
 * Facts of one room that came before those in front of them: what two processes write into one room arrives in any order,
 * and the missing ones are on their way. A gap that does not close in a moment has to be read from the log.
 */
export class EarlyFacts {
  readonly #giveUp: () => void;
  #waiting: Told[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `giveUp` is called when the gap has stayed open for too long. */
  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
  }

  keep(told: Told): void {
    this.#waiting.push(told);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.length > 0) this.#giveUp();
    }, patienceMs);
  }

  /** What now follows on `delivered`, in order; the rest goes on waiting. */
  takeFollowing(delivered: number): Told[] {
    if (this.#waiting.length === 0) return [];
    const following: Told[] = [];
    const rest: Told[] = [];
    let last = delivered;
    for (const { events, recipients } of this.#waiting.sort((one, other) => firstSeq(one) - firstSeq(other))) {
      const fresh = events.filter(({ seq }) => seq > last);
      const isNext = fresh[0]?.seq === last + 1;
      if (fresh.length > 0) (isNext ? following : rest).push({ events: fresh, recipients });
      if (isNext) last = fresh.at(-1)?.seq ?? last;
    }
    this.#waiting = rest;
    if (rest.length === 0) this.#stopWaiting();
    return following;
  }

  /** Forgets them. Answers how far they reached. */
  drop(): number {
    const reached = Math.max(0, ...this.#waiting.map(({ events }) => events.at(-1)?.seq ?? 0));
    this.#waiting = [];
    this.#stopWaiting();
    return reached;
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Neighbours that are for the same people leave as one frame. */
export function joined(all: readonly Told[]): Told[] {
  const frames: Told[] = [];
  for (const told of all) {
    const last = frames.at(-1);
    if (last && isForSame(last.recipients, told.recipients))
      frames[frames.length - 1] = { events: [...last.events, ...told.events], recipients: last.recipients };
    else frames.push(told);
  }
  return frames;
}

function isForSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((userId, at) => userId === other[at]);
}

function firstSeq({ events }: Told): number {
  return events[0]?.seq ?? 0;
}
