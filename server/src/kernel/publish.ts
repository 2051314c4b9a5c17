import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Commit } from './append.ts';
import { seatChannel, userChannel, type Client, type Io } from './channels.ts';
import { joined, type Told } from './early.ts';
import { isWithout, strike } from './faults.ts';
import { KnownHeads } from './heads.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { asLive, readMissed } from './reading.ts';
import { Seats, type JoinedRoom } from './seats.ts';
import { query, type Em } from './sql.ts';

const lateBatch = 200;
const nobody: ReadonlySet<string> = new Set();

/**
 * Brings committed facts to the sockets of this process, per room in order and without a gap: what arrives early or
 * not at all is read from the log.
 */
export class Publisher {
  readonly #io: Io;
  readonly #orm: MikroORM;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #hasPeers: boolean;
  readonly #reading = new Set<string>();
  readonly seats: Seats;
  /** Heads that were hinted to sockets of members who have not joined. */
  readonly hinted = new Map<string, number>();
  /** What the commits that passed here say about the rooms. */
  readonly heads = new KnownHeads();
  readonly #outbox = new Outbox((commit, waitedMs) => this.#tell(commit, waitedMs));

  constructor(io: Io, orm: MikroORM, log: Logger, metrics: Metrics, hasPeers: boolean) {
    this.#metrics = metrics;
    this.#io = io;
    this.#hasPeers = hasPeers;
    this.#orm = orm;
    this.#log = log;
    this.seats = new Seats(io, (roomId) => this.#giveUpOn(roomId));
    io.on('commits', (commits) => this.#deliver(commits));
  }

  /** After COMMIT, and only then: here at once, and to the other processes. */
  publish(commits: readonly Commit[]): void {
    if (commits.length === 0) return;
    strike('committed');
    this.#deliver(commits);
    if (this.#hasPeers) this.#io.serverSideEmit('commits', commits);
  }

  /** Tells the other processes that these credentials are no longer good. */
  tellCredentialsEnded(keys: readonly string[]): void {
    if (this.#hasPeers) this.#io.serverSideEmit('credentialsEnded', keys);
  }

  #deliver(commits: readonly Commit[]): void {
    for (const commit of commits) this.heads.learn(commit);
    this.#outbox.put(commits);
  }

  #tell(commit: Commit, waitedMs: number): void {
    this.#metrics.published(waitedMs / 1_000);
    try {
      this.#expel(commit);
      this.#tellSeats(commit);
      this.#tellHeads(commit);
    } catch (error) {
      // What is committed stays committed: nobody's answer may turn into an error here, and the watch tells the rest.
      this.#log.error({ err: error, roomId: commit.roomId }, 'a commit could not be published');
    }
  }

  /** The page a socket was given reaches this far: live begins behind it. */
  seated(client: Client, roomId: string, headSeq: number, epoch: string): void {
    const room = this.seats.room(roomId);
    if (!room) return;
    this.seats.prove(client, roomId);
    room.epoch = epoch;
    if (room.delivered >= 0) return;
    room.delivered = headSeq;
    if (room.passed > headSeq) void this.#readLate(roomId);
  }

  /** Takes every seat of a person in a room here and says why. */
  unseat(roomId: string, userId: string, reason: 'removed' | 'left'): void {
    this.seats.take(roomId, userId);
    this.#io.local.to(userChannel(userId)).emit('room.removed', { roomId, reason });
  }

  /** The log is ahead of what was delivered here, or belongs to another epoch (a restore). */
  async headIs(roomId: string, seq: number, epoch: string): Promise<void> {
    const room = this.seats.room(roomId);
    if (!room || room.delivered < 0) return;
    if (room.epoch !== '' && epoch !== room.epoch) {
      room.epoch = epoch;
      room.delivered = seq;
      room.early.drop();
      const seats = [...room.seats.keys()].map((userId) => seatChannel(roomId, userId));
      this.#io.local.to(seats).emit('room.head', { roomId, headSeq: seq, epoch });
    } else if (seq > room.delivered && !this.#outbox.holds(roomId)) {
      await this.#readLate(roomId);
    }
  }

  #expel({ roomId, events, expelled }: Commit): void {
    if (isWithout('recipients') || this.#isPast(roomId, events)) return;
    for (const { userId, reason } of expelled) this.unseat(roomId, userId, reason);
  }

  /**
   * The log was read past these facts already. A removal that is told so late says nothing about who sits there now: he
   * may have been let in again, and otherwise the watch finds him.
   */
  #isPast(roomId: string, events: readonly RoomEvent[]): boolean {
    const delivered = this.seats.room(roomId)?.delivered ?? -1;
    return delivered >= (events.at(-1)?.seq ?? 0) && !isWithout('late-removal');
  }

  #tellSeats({ roomId, events, recipients }: Commit): void {
    const room = this.seats.room(roomId);
    if (!room) return;
    const fresh = events.filter(({ seq }) => seq > room.delivered);
    const [first] = fresh;
    if (!first) return;
    const told = { events: fresh, recipients };
    // Before the first page was read nobody here has a position: the page, or what is read behind it, will hold this.
    if (room.delivered < 0) return void (room.passed = Math.max(room.passed, fresh.at(-1)?.seq ?? 0));
    if (first.seq === room.delivered + 1) return this.#tellNext(roomId, room, told);
    room.early.keep(told);
    // Nobody else would bring what is missing.
    if (!this.#hasPeers) this.#giveUpOn(roomId);
  }

  /** What follows on what was delivered, and what waited for it. */
  #tellNext(roomId: string, room: JoinedRoom, told: Told): void {
    const following = room.early.takeFollowing(told.events.at(-1)?.seq ?? room.delivered);
    for (const frame of joined([told, ...following])) this.#tellOn(roomId, room, frame);
  }

  #tellOn(roomId: string, room: JoinedRoom, { events, recipients }: Told): void {
    room.delivered = events.at(-1)?.seq ?? room.delivered;
    this.#emit(roomId, events, recipients);
  }

  #giveUpOn(roomId: string): void {
    const room = this.seats.room(roomId);
    if (!room) return;
    room.passed = Math.max(room.passed, room.early.drop());
    if (room.passed > room.delivered) void this.#readLate(roomId);
  }

  #emit(roomId: string, events: readonly RoomEvent[], recipients: readonly string[]): void {
    const seats = this.seats.room(roomId)?.seats;
    if (!seats) return;
    // By the sockets' own names: to put the names of seats together and look them up again costs more than the frame.
    const here: string[] = [];
    for (const userId of isWithout('recipients') ? seats.keys() : recipients) here.push(...(seats.get(userId) ?? []));
    if (here.length > 0) this.#io.local.to(here).emit('room.events', { roomId, events });
  }

  #tellHeads({ roomId, epoch, events, recipients }: Commit): void {
    const headSeq = events.at(-1)?.seq ?? 0;
    this.hinted.set(roomId, Math.max(headSeq, this.hinted.get(roomId) ?? 0));
    const seats = this.seats.room(roomId)?.seats;
    const standing: string[] = [];
    for (const userId of recipients) {
      const seated = seats?.get(userId);
      for (const socket of this.#socketsOf(userId)) if (!seated?.has(socket)) standing.push(socket);
    }
    if (standing.length > 0) this.#io.local.to(standing).emit('room.head', { roomId, headSeq, epoch });
  }

  #socketsOf(userId: string): ReadonlySet<string> {
    return this.#io.of('/').adapter.rooms.get(userChannel(userId)) ?? nobody;
  }

  /** Reads what a lost or early publication left out, and delivers it to those who may see it now. */
  async #readLate(roomId: string): Promise<void> {
    if (this.#reading.has(roomId) || isWithout('late-read')) return;
    this.#reading.add(roomId);
    try {
      const em = this.#orm.em.fork() as Em;
      for (let more = true; more;) {
        const room = this.seats.room(roomId);
        if (!room) return;
        const from = room.delivered;
        const events = (await readMissed(em, roomId, from, lateBatch)).map(asLive);
        const members = await query<{ user_id: string; from_seq: number }>(
          em,
          'select user_id, from_seq::float8 as from_seq from memberships where room_id = $1 and until_seq is null',
          [roomId],
        );
        const fresh = events.filter(({ seq }) => seq > room.delivered);
        room.delivered = Math.max(room.delivered, fresh.at(-1)?.seq ?? 0);
        more = events.length === lateBatch || (fresh.length > 0 && room.passed > room.delivered);
        for (const { user_id: userId, from_seq: fromSeq } of members) {
          const visible = fresh.filter(({ seq }) => seq >= fromSeq);
          if (visible.length > 0) this.#emit(roomId, visible, [userId]);
        }
        for (const next of room.early.takeFollowing(room.delivered)) this.#tellOn(roomId, room, next);
      }
    } catch (error) {
      this.#log.warn({ err: error, roomId }, 'late facts could not be read; the next poll tries again');
    } finally {
      this.#reading.delete(roomId);
    }
  }
}
