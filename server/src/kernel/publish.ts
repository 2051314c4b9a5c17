import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { ToClient, ToServer } from '@safesend/shared/socket.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Server, Socket } from 'socket.io';
import type { Commit } from './append.ts';
import { EarlyFacts, joined, type Told } from './early.ts';
import { isWithout, strike } from './faults.ts';
import { KnownHeads } from './heads.ts';
import type { Identity } from './identity.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { asLive, readMissed } from './reading.ts';
import { query, type Em } from './sql.ts';

/** What processes tell each other. */
export interface BetweenServers {
  commits: (commits: readonly Commit[]) => void;
  credentialsEnded: (keys: readonly string[]) => void;
}
export interface SocketData {
  identity: Identity;
  address: string;
}
export type Io = Server<ToServer, ToClient, BetweenServers, SocketData>;
export type Client = Socket<ToServer, ToClient, BetweenServers, SocketData>;

/** Every socket of a person. */
export const userChannel = (userId: string) => `user:${userId}`;
/** The sockets of one person that joined one room: facts are addressed to people, never to "whoever sits there". */
export const seatChannel = (roomId: string, userId: string) => `seat:${roomId}:${userId}`;

/** `delivered` is -1 until a first page was read; `passed` is how far facts went by before that, or behind a gap. */
interface JoinedRoom {
  delivered: number;
  passed: number;
  readonly early: EarlyFacts;
  epoch: string;
  readonly seats: Map<string, Set<string>>;
  /** Of those who sit, whoever was found to belong here: the others are still being looked up. */
  readonly proven: Set<string>;
}

const lateBatch = 200;
const nobody: ReadonlySet<string> = new Set();

/**
 * Brings committed facts to the sockets of this process, per room in order and without a gap: what arrives early or
 * not at all is read from the log. Knows which rooms its sockets joined and how far each was told.
 */
export class Publisher {
  readonly #io: Io;
  readonly #orm: MikroORM;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #hasPeers: boolean;
  /** Rooms with a joined socket here: the last number delivered, and the seats. */
  readonly #rooms = new Map<string, JoinedRoom>();
  readonly #reading = new Set<string>();
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

  get joinedRooms(): string[] {
    return [...this.#rooms.keys()];
  }

  countSeats(): number {
    return [...this.#rooms.values()].reduce((sum, { seats }) => sum + seats.size, 0);
  }

  /** Without the seats of those who only asked: who never belonged somewhere is not told that he was removed. */
  *provenSeats(): Generator<{ roomId: string; userId: string }> {
    for (const [roomId, { proven }] of this.#rooms) for (const userId of proven) yield { roomId, userId };
  }

  /** Must come before the log is read: a fact may then come twice, never be missed. */
  sit(client: Client, roomId: string): void {
    const { userId } = client.data.identity;
    void client.join(seatChannel(roomId, userId));
    const room = this.#rooms.get(roomId) ?? {
      delivered: -1,
      passed: -1,
      early: new EarlyFacts(() => this.#giveUpOn(roomId)),
      epoch: '',
      seats: new Map<string, Set<string>>(),
      proven: new Set<string>(),
    };
    this.#rooms.set(roomId, room);
    room.seats.set(userId, (room.seats.get(userId) ?? new Set()).add(client.id));
  }

  /** The page a socket was given reaches this far: live begins behind it. */
  seated(client: Client, roomId: string, headSeq: number, epoch: string): void {
    const room = this.#rooms.get(roomId);
    if (!room) return;
    if (this.isSeated(client, roomId)) room.proven.add(client.data.identity.userId);
    room.epoch = epoch;
    if (room.delivered >= 0) return;
    room.delivered = headSeq;
    if (room.passed > headSeq) void this.#readLate(roomId);
  }

  isSeated(client: Client, roomId: string): boolean {
    return this.#rooms.get(roomId)?.seats.get(client.data.identity.userId)?.has(client.id) ?? false;
  }

  leave(client: Client, roomId: string): void {
    const { userId } = client.data.identity;
    void client.leave(seatChannel(roomId, userId));
    const room = this.#rooms.get(roomId);
    const sockets = room?.seats.get(userId);
    sockets?.delete(client.id);
    if (sockets?.size === 0) this.#emptySeat(roomId, userId);
  }

  leaveAll(client: Client): void {
    for (const [roomId, { seats }] of this.#rooms) {
      if (seats.get(client.data.identity.userId)?.has(client.id)) this.leave(client, roomId);
    }
  }

  /** Takes every seat of a person in a room here and says why. */
  unseat(roomId: string, userId: string, reason: 'removed' | 'left'): void {
    const seat = seatChannel(roomId, userId);
    this.#io.local.in(seat).socketsLeave(seat);
    this.#emptySeat(roomId, userId);
    this.#io.local.to(userChannel(userId)).emit('room.removed', { roomId, reason });
  }

  #emptySeat(roomId: string, userId: string): void {
    const room = this.#rooms.get(roomId);
    room?.seats.delete(userId);
    room?.proven.delete(userId);
    if (room?.seats.size === 0) this.#rooms.delete(roomId);
  }

  /** The log is ahead of what was delivered here, or belongs to another epoch (a restore). */
  async headIs(roomId: string, seq: number, epoch: string): Promise<void> {
    const room = this.#rooms.get(roomId);
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
    const delivered = this.#rooms.get(roomId)?.delivered ?? -1;
    return delivered >= (events.at(-1)?.seq ?? 0) && !isWithout('late-removal');
  }

  #tellSeats({ roomId, events, recipients }: Commit): void {
    const room = this.#rooms.get(roomId);
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
    const room = this.#rooms.get(roomId);
    if (!room) return;
    room.passed = Math.max(room.passed, room.early.drop());
    if (room.passed > room.delivered) void this.#readLate(roomId);
  }

  #emit(roomId: string, events: readonly RoomEvent[], recipients: readonly string[]): void {
    const seats = this.#rooms.get(roomId)?.seats;
    if (!seats) return;
    // By the sockets' own names: to put the names of seats together and look them up again costs more than the frame.
    const here: string[] = [];
    for (const userId of isWithout('recipients') ? seats.keys() : recipients) here.push(...(seats.get(userId) ?? []));
    if (here.length > 0) this.#io.local.to(here).emit('room.events', { roomId, events });
  }

  #tellHeads({ roomId, epoch, events, recipients }: Commit): void {
    const headSeq = events.at(-1)?.seq ?? 0;
    this.hinted.set(roomId, Math.max(headSeq, this.hinted.get(roomId) ?? 0));
    const seats = this.#rooms.get(roomId)?.seats;
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
        const room = this.#rooms.get(roomId);
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
