import { LockMode } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';
import { queryOne, type Em } from '../../kernel/sql.ts';
import type { Tx } from '../../kernel/transact.ts';
import { isBlocked } from '../accounts/access.ts';
import { Message } from './entity.ts';

export interface Seat {
  readonly roomId: string;
  readonly kind: RoomKind;
  readonly role: 'client' | 'freelancer';
}

/** The acting person's seat in a room; asked again under the room's lock, so a removal that commits first wins. */
export async function accessRoom(tx: Tx, roomId: string): Promise<Seat> {
  const seat = await findSeat(tx.em, roomId, tx.me);
  tx.requireMember(roomId, tx.me);
  return seat;
}

export async function findSeat(em: Em, roomId: string, userId: string): Promise<Seat> {
  const seat = await queryOne<{ kind: RoomKind; role: Seat['role'] }>(
    em,
    `select r.kind, m.role from memberships m join rooms r on r.id = m.room_id
     where m.room_id = $1 and m.user_id = $2 and m.until_seq is null`,
    [roomId, userId],
  );
  if (!seat) throw new Failure('missing', 'No such room.');
  return { roomId, ...seat };
}

/** A seat from which one may speak: an inbox only listens, and a block ends a direct conversation. */
export async function accessTalk(tx: Tx, roomId: string): Promise<Seat> {
  const seat = await accessRoom(tx, roomId);
  if (seat.kind === 'inbox') throw new Failure('forbidden', 'Nobody writes into an inbox.');
  if (seat.kind === 'direct') await refuseBlocked(tx.em, roomId);
  return seat;
}

/** A block ends what passes in a direct conversation, said or only hinted at. */
export async function refuseBlocked(em: Em, roomId: string): Promise<void> {
  const pair = await queryOne<{ first_id: string; second_id: string }>(
    em,
    'select first_id, second_id from direct_rooms where room_id = $1',
    [roomId],
  );
  if (pair && (await isBlocked(em, pair.first_id, pair.second_id))) {
    throw new Failure('forbidden', 'One of you blocked the other; no messages can be sent here.');
  }
}

/** The number of the fact that posted a message, when this person may see it. */
export async function findPostedSeq(em: Em, roomId: string, messageId: string, userId: string): Promise<number> {
  const row = await queryOne<{ seq: number }>(
    em,
    `select f.seq::float8 as seq from facts f
     where f.subject_id = $2 and f.room_id = $1 and f.type = 'message.posted'
       and exists (select from memberships now where now.room_id = $1 and now.user_id = $3 and now.until_seq is null)
       and exists (select from memberships m where m.room_id = $1 and m.user_id = $3
                   and f.seq >= m.from_seq and (m.until_seq is null or f.seq <= m.until_seq))`,
    [roomId, messageId, userId],
  );
  if (!row) throw new Failure('missing', 'No such message.');
  return row.seq;
}

/** Locks a message that the acting person may see. */
export async function accessMessage(tx: Tx, roomId: string, messageId: string): Promise<Message> {
  await findPostedSeq(tx.em, roomId, messageId, tx.me);
  const message = await tx.em.findOneOrFail(
    Message,
    { id: messageId, roomId },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  return message;
}

/** A deletion is final; whoever may see the fact is shown which. */
export async function refuseDeleted(tx: Tx, { id, roomId, deletedAt }: Message): Promise<void> {
  if (!deletedAt) return;
  const winner = await queryOne<{ seq: number; type: string; id: string }>(
    tx.em,
    `select f.seq::float8 as seq, f.type, f.id from facts f
     where f.subject_id = $2 and f.room_id = $1 and f.type = 'message.deleted'
       and exists (select from memberships m where m.room_id = $1 and m.user_id = $3
                   and f.seq >= m.from_seq and (m.until_seq is null or f.seq <= m.until_seq))`,
    [roomId, id, tx.me],
  );
  throw new Failure('conflict', 'This message was deleted.', winner ? { winner: { roomId, ...winner } } : {});
}

export async function accessOwnMessage(tx: Tx, roomId: string, messageId: string): Promise<Message> {
  const message = await accessMessage(tx, roomId, messageId);
  if (message.authorId !== tx.me) throw new Failure('forbidden', 'Only the author can change a message.');
  return message;
}
