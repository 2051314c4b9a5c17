import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { untrack } from 'svelte';
import { ApiProblem } from '#lib/api/problem.ts';
import { readLog } from '#lib/live/log.ts';
import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';
import { decidedBy, isDeedOf, offerOf, paymentOf, stands, type Decided, type Opened } from './overtaken.ts';
import type { Offer } from './steps.ts';

/** Follows, while a panel about a milestone is open, whether somebody else decides first, and keeps by which fact. */
export class Race {
  readonly #desk: RoomDesk;
  readonly #opened: Opened | null;
  readonly #since: number;
  #refusedBy = $state.raw<Decided | null>(null);
  /** What is open now, in the room as it is. */
  readonly milestone: Milestone | null;
  readonly #seen: Decided | null;
  readonly #stands: boolean;
  readonly #ownId: () => string | null;

  /** `ownId` is the payment that was begun in the panel: what it did has overtaken nobody. */
  constructor(desk: RoomDesk, ownId: () => string | null) {
    this.#desk = desk;
    this.#ownId = ownId;
    const { acting, state } = untrack(() => ({ acting: desk.acting, state: desk.state }));
    const milestone = state.milestones.find(({ id }) => id === acting?.milestoneId);
    this.#opened = acting && milestone ? { step: acting.step, milestone } : null;
    this.#since = state.headSeq;
    this.milestone = $derived(desk.state.milestones.find(({ id }) => id === milestone?.id) ?? null);
    this.#stands = $derived(!this.#opened || !this.milestone || stands(this.#opened, this.milestone, desk));
    this.#seen = $derived(this.#stands ? null : this.#findSeen());
  }

  /** There is nothing to do here any more. */
  get isLost(): boolean {
    return !this.#stands || this.#refusedBy !== null;
  }

  /** By which fact, where it can be told. */
  get decided(): Decided | null {
    return this.#seen ?? this.#refusedBy;
  }

  /** Was done what the panel was for, and not something else? */
  get isDone(): boolean {
    return this.#opened !== null && this.decided !== null && isDeedOf(this.#opened.step, this.decided.event.type);
  }

  /** The same step anew, where it can still be taken, and about what there is now. */
  get again(): Offer | null {
    return this.#opened && this.milestone && offerOf(this.#opened.step, this.milestone, this.#desk);
  }

  /** A refusal because something came first: reads which fact it was, also before the live link has brought it. */
  async explain(problem: unknown): Promise<void> {
    if (!this.#opened || !(problem instanceof ApiProblem) || problem.code !== 'conflict') return;
    const { winner } = problem;
    // What was there when the panel opened has overtaken nobody.
    if (!winner || winner.roomId !== this.#desk.room.id || winner.seq <= this.#since) return;
    const { events } = await readLog(winner.roomId, { after: this.#since });
    this.#refusedBy = decidedBy(this.#opened, this.#others(events), this.#desk, winner.seq);
  }

  #others<Event extends RoomEvent>(events: readonly Event[]): Event[] {
    const ownId = this.#ownId();
    return events.filter((event) => ownId === null || paymentOf(event) !== ownId);
  }

  /** From what the room has heard; of a panel that was late when it opened, the newest line. */
  #findSeen(): Decided | null {
    if (!this.#opened) return null;
    const { opened, id } = { opened: this.#opened, id: this.#opened.milestone.id };
    const lines = this.#desk.view.rows.filter((row) => row.kind === 'fact');
    const since = lines.filter(({ seq }) => seq > this.#since).map(({ event }) => event);
    const found = decidedBy(opened, this.#others(since), this.#desk);
    if (found) return found;
    const newest = lines.findLast((line) => this.#desk.told.of(line)?.id === id);
    return newest ? { event: newest.event, before: newest.before ?? opened.milestone } : null;
  }
}
