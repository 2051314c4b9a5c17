import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import type { LiveRoom } from '#lib/live/room.svelte.ts';
import type { RoomView, Row } from './room-view.svelte.ts';
import type { FactLine } from './timeline.ts';

/** What the lines of a room tell of its milestones, beside what these are now. */
export class ToldMilestones {
  readonly #room: LiveRoom;
  readonly #newest: ReadonlyMap<string, number>;

  constructor(view: RoomView, room: LiveRoom) {
    this.#room = room;
    this.#newest = $derived(newestLines(view.rows));
  }

  /** The milestone that a line tells of, as it is now. */
  of({ event }: FactLine): Milestone | null {
    const told = milestoneOf(event);
    return this.#room.state.milestones.find(({ id }) => id === told?.id) ?? null;
  }

  /** No later line tells of the same one. */
  isNewest({ event, seq }: FactLine): boolean {
    const told = milestoneOf(event);
    return told !== null && this.#newest.get(told.id) === seq;
  }

  /** This line asks the other side what is still to be answered. */
  asks(row: FactLine): boolean {
    const told = milestoneOf(row.event);
    const now = this.of(row);
    if (!told || !now) return false;
    const { type } = row.event;
    if (type === 'milestone.cancellation.requested')
      return now.cancellation !== null && now.cancellation.requestedAt === told.cancellation?.requestedAt;
    return type === 'milestone.change.proposed' && now.proposal !== null && now.proposal.hash === told.proposal?.hash;
  }
}

function newestLines(rows: readonly Row[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const row of rows) {
    const milestone = row.kind === 'fact' ? milestoneOf(row.event) : null;
    if (milestone) newest.set(milestone.id, row.seq);
  }
  return newest;
}
