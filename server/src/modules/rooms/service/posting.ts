import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { postMessage as postCall } from '@safesend/shared/rooms/calls.ts';
import { mentionedNames } from '@safesend/shared/rooms/mentions.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Message as MessageView } from '@safesend/shared/rooms/message.ts';
import type { Answered } from '../../../kernel/answers.ts';
import type { Single } from '../../../kernel/batch.ts';
import { inHeldRoom } from '../../../kernel/fact-parts.ts';
import { isWithout } from '../../../kernel/faults.ts';
import { query, type Em, type Part } from '../../../kernel/sql.ts';
import type { SharedVerb } from '../../../kernel/together.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';
import { presentOneEvent } from '../present.ts';
import type { Mark } from './marks.ts';
import { postMessage, type Posting } from './messages.ts';

type Posted = Answered<{ event: RoomEvent }>;
export type Post = (single: Single<Posting>) => Promise<Posted>;

/** One command id answers at both doors: the verb is the call's, the input its parameters and its body. */
export function postSingle(
  actorId: string,
  commandId: string,
  roomId: string,
  { body, replyTo, files }: Posting,
  seenAt: Date | null,
): Single<Posting> {
  // Members in the order of their spelling, here and in a message's view: what is in order is spelled, and so sealed, faster.
  const input = { body, ...(files?.length && { files }), ...(replyTo && { replyTo }) };
  const command = {
    id: isWithout('command-ids') ? newId() : commandId,
    verb: `${postCall.method} ${postCall.path}`,
    input: { body: input, params: { roomId } },
  };
  return { actorId, roomId, command, input, seenAt };
}

/** A message of a shared commit. */
interface NewRow {
  readonly roomId: string;
  readonly view: MessageView & { readonly body: string };
}

/** Messages in project rooms share a commit; files and direct rooms, which ask more questions, take the general path. */
export function sharedPosting(
  transact: Transact,
  readAlong: (marks: readonly Mark[]) => void,
): SharedVerb<Posting, NewRow, { event: RoomEvent }> {
  const kinds = new Map<string, string>();
  const isShared = ({ roomId, input }: Single<Posting>) => kinds.get(roomId) === 'project' && !input.files?.length;
  return {
    plain(single, now) {
      const { replyTo, body } = single.input;
      return isShared(single) && !replyTo && mentionedNames(body).length === 0 ? newRow(single, [], now) : null;
    },
    async check(em, singles, now) {
      await learnKinds(em, kinds, singles);
      const answered = await findAnswerable(em, singles);
      const mentioned = await findMentioned(em, singles);
      return singles.map((single, at): NewRow | Failure | 'alone' => {
        if (!isShared(single)) return 'alone';
        if (single.input.replyTo && !answered.has(at)) return new Failure('missing', 'No such message.');
        return newRow(single, mentioned.get(at) ?? [], now);
      });
    },
    write: messagePart,
    fact: ({ view }) => ({ type: 'message.posted', data: view }),
    hasReactions: ({ view }) => view.replyTo !== null || view.mentions.length > 0,
    answer: (event) => ({ status: 201, answer: { event } }),
    alone: ({ actorId, roomId, command, input }) =>
      transact.command(
        { id: actorId },
        command,
        (tx: Tx) => postMessage(tx, roomId, input),
        (outcome) => ({ status: 201, answer: presentOneEvent(outcome) }),
      ),
    followUp: (events) => readAlong(events.map(markOfAuthor)),
  };
}

/** His own fact moved his mark: everything that was in the room before is read. */
function markOfAuthor({ actorId, roomId, seq }: RoomEvent): Mark {
  return { userId: actorId ?? '', roomId, seq };
}

function newRow({ actorId, roomId, input }: Single<Posting>, mentions: string[], now: Date): NewRow {
  const view = {
    authorId: actorId,
    body: input.body,
    createdAt: now.toISOString(),
    deletedAt: null,
    editedAt: null,
    files: [],
    id: newId(),
    mentions,
    reactions: [],
    replyTo: input.replyTo ?? null,
  };
  return { roomId, view };
}

function messagePart(rows: readonly NewRow[]): Part {
  return {
    name: 'posted',
    text: `insert into messages (id, room_id, author_id, body, reply_to, mentions, created_at)
      select t.id, t.room_id, t.author_id, t.body, t.reply_to, t.mentions::uuid[], $7::timestamptz
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[])
        as t (id, room_id, author_id, body, reply_to, mentions)
      where ${inHeldRoom('t.room_id')}`,
    parameters: [
      rows.map(({ view }) => view.id),
      rows.map(({ roomId }) => roomId),
      rows.map(({ view }) => view.authorId),
      rows.map(({ view }) => view.body),
      rows.map(({ view }) => view.replyTo),
      // Postgres has no arrays of arrays of different lengths: each travels as the text of an array.
      rows.map(({ view }) => `{${view.mentions.join(',')}}`),
      rows[0]?.view.createdAt,
    ],
  };
}

const maxKinds = 100_000;

/** A room stays what it is, so each is asked about once. */
async function learnKinds(em: Em, kinds: Map<string, string>, singles: readonly Single<Posting>[]): Promise<void> {
  const unknown = [...new Set(singles.map(({ roomId }) => roomId))].filter((roomId) => !kinds.has(roomId));
  if (unknown.length === 0) return;
  if (kinds.size > maxKinds) kinds.clear();
  const rows = await query<{ id: string; kind: string }>(em, 'select id, kind from rooms where id = any($1)', [
    unknown,
  ]);
  for (const { id, kind } of rows) kinds.set(id, kind);
}

/** The places of the replies whose message lies in the room and may be seen by who answers it. */
async function findAnswerable(em: Em, singles: readonly Single<Posting>[]): Promise<Set<number>> {
  const replies = singles.flatMap(({ actorId, roomId, input: { replyTo } }, at) =>
    replyTo ? [{ actorId, roomId, replyTo, at }] : [],
  );
  if (replies.length === 0) return new Set();
  const rows = await query<{ at: number }>(
    em,
    `select t.at from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[]) as t (room_id, message_id, user_id, at)
       join facts f on f.subject_id = t.message_id and f.room_id = t.room_id and f.type = 'message.posted'
     where exists (select from memberships m where m.room_id = t.room_id and m.user_id = t.user_id
                   and f.seq >= m.from_seq and (m.until_seq is null or f.seq <= m.until_seq))`,
    [
      replies.map((it) => it.roomId),
      replies.map((it) => it.replyTo),
      replies.map((it) => it.actorId),
      replies.map((it) => it.at),
    ],
  );
  return new Set(rows.map(({ at }) => at));
}

/** Per place, the members whose `@username` stands in the text. */
async function findMentioned(em: Em, singles: readonly Single<Posting>[]): Promise<Map<number, string[]>> {
  const names = singles.flatMap(({ roomId, input }, at) =>
    mentionedNames(input.body).map((name) => ({ roomId, name, at })),
  );
  if (names.length === 0) return new Map();
  const rows = await query<{ at: number; ids: string[] }>(
    em,
    `select t.at, array_agg(u.id::text order by u.username) as ids
     from unnest($1::uuid[], $2::text[], $3::int[]) as t (room_id, username, at)
       join users u on u.username = t.username
       join memberships m on m.room_id = t.room_id and m.user_id = u.id and m.until_seq is null
     group by t.at`,
    [names.map(({ roomId }) => roomId), names.map(({ name }) => name), names.map(({ at }) => at)],
  );
  return new Map(rows.map(({ at, ids }) => [at, ids]));
}
