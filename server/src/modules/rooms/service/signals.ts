import { Failure } from '@safesend/shared/failure.ts';
import { seatChannel, userChannel, type Io } from '../../../kernel/channels.ts';
import type { Em } from '../../../kernel/sql.ts';
import { refuseBlocked } from '../access.ts';
import { findMemberIds } from './marks.ts';
import { findReceiptReaders, findShownMarks } from './receipts.ts';

/** What passes and is never written: typing, and how far somebody has read. Addressed to the members of this instant. */
export class Signals {
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  async typing(em: Em, roomId: string, userId: string, typing: boolean): Promise<void> {
    const others = await this.#others(em, roomId, userId);
    await refuseBlocked(em, roomId);
    if (others.length > 0)
      this.#io.to(others.map((it) => seatChannel(roomId, it))).emit('room.typing', { roomId, userId, typing });
  }

  /** Goes to every device of the reader, whose badges follow, and to the others where both sides have read receipts. */
  async reads(em: Em, roomId: string, userId: string, seq: number): Promise<void> {
    const others = await findReceiptReaders(em, roomId, userId);
    const channels = [userChannel(userId), ...others.map((it) => seatChannel(roomId, it))];
    this.#io.to(channels).emit('room.reads', { roomId, userId, seq });
  }

  /** After somebody switched read receipts or blocked somebody: open rooms of others show at once how far they may know him to have read. */
  async receiptsChanged(em: Em, userId: string): Promise<void> {
    for (const { roomId, seq, readers } of await findShownMarks(em, userId)) {
      this.#io.to(readers.map((it) => seatChannel(roomId, it))).emit('room.reads', { roomId, userId, seq });
    }
  }

  async #others(em: Em, roomId: string, userId: string): Promise<string[]> {
    const members = await findMemberIds(em, roomId);
    if (!members.includes(userId)) throw new Failure('missing', 'No such room.');
    return members.filter((it) => it !== userId);
  }
}
