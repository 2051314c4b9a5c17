import { seatChannel, type Client, type Io } from './channels.ts';
import { EarlyFacts } from './early.ts';

/** `delivered` is -1 until a first page was read; `passed` is how far facts went by before that, or behind a gap. */
export interface JoinedRoom {
  delivered: number;
  passed: number;
  readonly early: EarlyFacts;
  epoch: string;
  /** The sockets of each person who sits here. */
  readonly seats: Map<string, Set<string>>;
  /** Of those who sit, whoever was found to belong here: the others are still being looked up. */
  readonly proven: Set<string>;
}

/** Who sits where: the rooms that sockets of this process joined, and how far each was told. */
export class Seats {
  readonly #io: Io;
  readonly #rooms = new Map<string, JoinedRoom>();
  readonly #overdue: (roomId: string) => void;

  /** `overdue` is called when what should have come before early facts did not come in time. */
  constructor(io: Io, overdue: (roomId: string) => void) {
    this.#io = io;
    this.#overdue = overdue;
  }

  room(roomId: string): JoinedRoom | undefined {
    return this.#rooms.get(roomId);
  }

  get roomIds(): string[] {
    return [...this.#rooms.keys()];
  }

  count(): number {
    return [...this.#rooms.values()].reduce((sum, { seats }) => sum + seats.size, 0);
  }

  /** Without the seats of those who only asked: who never belonged somewhere is not told that he was removed. */
  *proven(): Generator<{ roomId: string; userId: string }> {
    for (const [roomId, { proven }] of this.#rooms) for (const userId of proven) yield { roomId, userId };
  }

  /** Must come before the log is read: a fact may then come twice, never be missed. */
  sit(client: Client, roomId: string): void {
    const { userId } = client.data.identity;
    void client.join(seatChannel(roomId, userId));
    const room = this.#rooms.get(roomId) ?? {
      delivered: -1,
      passed: -1,
      early: new EarlyFacts(() => this.#overdue(roomId)),
      epoch: '',
      seats: new Map<string, Set<string>>(),
      proven: new Set<string>(),
    };
    this.#rooms.set(roomId, room);
    room.seats.set(userId, (room.seats.get(userId) ?? new Set()).add(client.id));
  }

  /** Its person was found to belong here. */
  prove(client: Client, roomId: string): void {
    if (this.has(client, roomId)) this.#rooms.get(roomId)?.proven.add(client.data.identity.userId);
  }

  has(client: Client, roomId: string): boolean {
    return this.#rooms.get(roomId)?.seats.get(client.data.identity.userId)?.has(client.id) ?? false;
  }

  leave(client: Client, roomId: string): void {
    const { userId } = client.data.identity;
    void client.leave(seatChannel(roomId, userId));
    const sockets = this.#rooms.get(roomId)?.seats.get(userId);
    sockets?.delete(client.id);
    if (sockets?.size === 0) this.#empty(roomId, userId);
  }

  leaveAll(client: Client): void {
    for (const roomId of this.roomIds) if (this.has(client, roomId)) this.leave(client, roomId);
  }

  /** Takes every seat of a person in a room here. */
  take(roomId: string, userId: string): void {
    const seat = seatChannel(roomId, userId);
    this.#io.local.in(seat).socketsLeave(seat);
    this.#empty(roomId, userId);
  }

  #empty(roomId: string, userId: string): void {
    const room = this.#rooms.get(roomId);
    room?.seats.delete(userId);
    room?.proven.delete(userId);
    if (room?.seats.size === 0) this.#rooms.delete(roomId);
  }
}
