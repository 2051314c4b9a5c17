import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { maxReactions, type NewMessage, type Message as MessageView } from '@safesend/shared/rooms/message.ts';
import { mentionedNames } from '@safesend/shared/rooms/mentions.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessMessage, accessOwnMessage, accessRoom, accessTalk, findPostedSeq, refuseDeleted } from '../access.ts';
import { Message } from '../entity.ts';
import { presentMessage, presentMessageRow, type MessageRow } from '../present.ts';

export type Posting = Pick<NewMessage, 'body' | 'replyTo' | 'files'>;

export async function postMessage(tx: Tx, roomId: string, { body, replyTo, files = [] }: Posting): Promise<Message> {
  await accessTalk(tx, roomId);
  if (replyTo) await findPostedSeq(tx.em, roomId, replyTo, tx.me);
  const message = tx.em.create(Message, {
    id: newId(),
    roomId,
    authorId: tx.me,
    body,
    replyTo: replyTo ?? null,
    files,
    mentions: await findMentioned(tx.em, roomId, body),
    createdAt: tx.now,
    editedAt: null,
    deletedAt: null,
  });
  tx.appendOwn(roomId, { type: 'message.posted', data: presentMessage(message, []) });
  return message;
}

export async function editMessage(tx: Tx, roomId: string, messageId: string, body: string): Promise<Message> {
  await accessTalk(tx, roomId);
  const message = await accessOwnMessage(tx, roomId, messageId);
  await refuseDeleted(tx, message);
  message.edit(body, await findMentioned(tx.em, roomId, body), tx.now);
  const reactions = await findReactions(tx.em, messageId);
  tx.append(roomId, { type: 'message.edited', data: presentMessage(message, reactions) });
  return message;
}

/** A tombstone stays; every read door forgets the text, the log keeps its digest. */
export async function deleteMessage(tx: Tx, roomId: string, messageId: string): Promise<Message> {
  await accessRoom(tx, roomId);
  const message = await accessOwnMessage(tx, roomId, messageId);
  await refuseDeleted(tx, message);
  message.delete(tx.now);
  await tx.query('delete from reactions where message_id = $1', [messageId]);
  tx.append(roomId, { type: 'message.deleted', data: presentMessage(message, []) });
  tx.redact(roomId, messageId);
  return message;
}

export async function addReaction(tx: Tx, roomId: string, messageId: string, emoji: string): Promise<void> {
  await accessTalk(tx, roomId);
  const message = await accessMessage(tx, roomId, messageId);
  await refuseDeleted(tx, message);
  const others = await tx.query<{ emoji: string }>('select distinct emoji from reactions where message_id = $1', [
    messageId,
  ]);
  if (others.length >= maxReactions && !others.some((it) => it.emoji === emoji)) {
    throw refuseField('invalid', 'emoji', `A message holds at most ${maxReactions} different reactions.`);
  }
  const added = await tx.query(
    'insert into reactions (message_id, emoji, user_id) values ($1, $2, $3) on conflict do nothing returning 1 as one',
    [messageId, emoji, tx.me],
  );
  if (added.length > 0) tx.append(roomId, { type: 'reaction.added', data: { messageId, emoji, userId: tx.me } });
}

export async function removeReaction(tx: Tx, roomId: string, messageId: string, emoji: string): Promise<void> {
  await accessTalk(tx, roomId);
  await accessMessage(tx, roomId, messageId);
  const removed = await tx.query(
    'delete from reactions where message_id = $1 and emoji = $2 and user_id = $3 returning 1 as one',
    [messageId, emoji, tx.me],
  );
  if (removed.length > 0) tx.append(roomId, { type: 'reaction.removed', data: { messageId, emoji, userId: tx.me } });
}

const rowColumns = `m.id, m.author_id, m.body, m.reply_to, m.files, m.mentions::text[] as mentions, m.created_at, m.edited_at, m.deleted_at,
  (select json_agg(json_build_object('emoji', r.emoji, 'userIds', r.user_ids) order by r.place)
   from (select emoji, array_agg(user_id order by place) as user_ids, min(place) as place
         from reactions where message_id = m.id group by emoji) r) as reactions`;

export async function findMessage(
  em: Em,
  roomId: string,
  messageId: string,
  userId: string,
): Promise<{ message: MessageView; seq: number }> {
  const seq = await findPostedSeq(em, roomId, messageId, userId);
  const row = await queryOne<MessageRow>(em, `select ${rowColumns} from messages m where m.id = $1`, [messageId]);
  if (!row) throw new Failure('missing', 'No such message.');
  return { message: presentMessageRow(row), seq };
}

/** The newest messages a person may see, oldest first. */
export async function findNewestMessages(
  em: Em,
  roomId: string,
  userId: string,
  count: number,
): Promise<MessageView[]> {
  const rows = await query<MessageRow>(
    em,
    `select ${rowColumns} from facts f join messages m on m.id = f.subject_id
     where f.room_id = $1 and f.type = 'message.posted'
       and exists (select from memberships v where v.room_id = $1 and v.user_id = $2
                   and f.seq >= v.from_seq and (v.until_seq is null or f.seq <= v.until_seq))
     order by f.seq desc limit $3`,
    [roomId, userId, count],
  );
  return rows.map(presentMessageRow).reverse();
}

export interface Place {
  readonly roomId: string;
  readonly seq: number;
}

/** How the messages posted at these places begin today, by `placeKey`: only those a person may see, none that was deleted. */
export async function findBeginnings(
  em: Em,
  userId: string,
  places: readonly Place[],
  length: number,
): Promise<Map<string, string>> {
  if (places.length === 0) return new Map();
  const rows = await query<{ room_id: string; seq: number; beginning: string }>(
    em,
    `select f.room_id, f.seq::float8 as seq, left(m.body, $4) as beginning
     from unnest($2::uuid[], $3::bigint[]) as t (room_id, seq)
       join facts f on f.room_id = t.room_id and f.seq = t.seq and f.type = 'message.posted'
       join messages m on m.id = f.subject_id and m.body is not null
     where exists (select from memberships now where now.room_id = f.room_id and now.user_id = $1 and now.until_seq is null)
       and exists (select from memberships v where v.room_id = f.room_id and v.user_id = $1
                   and f.seq >= v.from_seq and (v.until_seq is null or f.seq <= v.until_seq))`,
    [userId, places.map(({ roomId }) => roomId), places.map(({ seq }) => seq), length],
  );
  return new Map(rows.map(({ room_id: roomId, seq, beginning }) => [placeKey({ roomId, seq }), beginning]));
}

export function placeKey({ roomId, seq }: Place): string {
  return `${roomId}:${seq}`;
}

async function findReactions(em: Em, messageId: string): Promise<MessageView['reactions']> {
  const row = await queryOne<MessageRow>(em, `select ${rowColumns} from messages m where m.id = $1`, [messageId]);
  return row?.reactions ?? [];
}

/** The members whose `@username` stands in the text. */
async function findMentioned(em: Em, roomId: string, body: string): Promise<string[]> {
  const names = mentionedNames(body);
  if (names.length === 0) return [];
  const rows = await query<{ id: string }>(
    em,
    `select u.id from users u join memberships m on m.user_id = u.id and m.room_id = $1 and m.until_seq is null
     where u.username = any($2) order by u.username`,
    [roomId, names],
  );
  return rows.map(({ id }) => id);
}
