import type { Commit } from './append.ts';
import type { Head } from './fact-parts.ts';

/** How far a room was when it was last heard of, and who was in it. */
export interface KnownHead {
  readonly seq: number;
  readonly hash: string;
  readonly epoch: string;
  readonly membersVersion: string;
  readonly members: ReadonlySet<string>;
}

const maxRooms = 20_000;

/**
 * The heads of rooms as the commits of this process and of its peers left them. Only ever a guess: who builds on one has
 * the database check it in the statement that writes.
 */
export class KnownHeads {
  readonly #rooms = new Map<string, KnownHead>();

  find(roomId: string): KnownHead | undefined {
    return this.#rooms.get(roomId);
  }

  learn({ roomId, epoch, membersVersion, events, recipients }: Commit): void {
    const last = events.at(-1);
    const known = this.#rooms.get(roomId);
    if (!last || (known?.epoch === epoch && known.seq >= last.seq)) return;
    this.#rooms.delete(roomId);
    if (membersVersion === null) return;
    const isSame = known?.epoch === epoch && known.membersVersion === membersVersion;
    const members = isSame ? known.members : new Set(recipients);
    this.#rooms.set(roomId, { seq: last.seq, hash: last.hash, epoch, membersVersion, members });
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size > maxRooms && oldest !== undefined) this.#rooms.delete(oldest);
  }

  /** The database says where the room is; who is in it is known only as long as nobody came or went. */
  correct({ room_id: roomId, seq, hash, epoch, members_version: membersVersion }: Head): void {
    const known = this.#rooms.get(roomId);
    if (!known) return;
    if (known.epoch !== epoch || known.membersVersion !== membersVersion) this.#rooms.delete(roomId);
    else if (known.seq < seq) this.#rooms.set(roomId, { ...known, seq, hash });
  }

  forget(roomIds: Iterable<string>): void {
    for (const roomId of roomIds) this.#rooms.delete(roomId);
  }
}
