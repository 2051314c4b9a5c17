import type { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { postMessage as postCall } from '@safesend/shared/rooms/calls.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Message as MessageView } from '@safesend/shared/rooms/message.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { SharedVerb, Single } from '../../../kernel/together.ts';
import type { Answered, Transact, Tx } from '../../../kernel/transact.ts';
import { presentOneEvent } from '../present.ts';
import { postMessage, type Posting } from './messages.ts';

type Posted = Answered<{ event: RoomEvent }>;
export type Post = (single: Single<Posting>) => Promise<Posted>;

/** One command id answers at both doors: the verb is the call's, the input its parameters and its body. */
export function postSingle(
  actorId: string,
  commandId: string,
  roomId: string,
  { body, replyTo, files }: Posting,
): Single<Posting> {
  const input = { body, ...(replyTo && { replyTo }), ...(files && { files }) };
  const command = {
    id: commandId,
    verb: `${postCall.method} ${postCall.path}`,
    input: { params: { roomId }, body: input },
  };
  return { actorId, roomId, command, input };
}

interface PlainMessage {
  readonly roomId: string;
  readonly view: MessageView & { readonly body: string };
}

/** Plain messages in project rooms share a commit; replies, mentions, files and direct rooms take the general path. */
export function sharedPosting(transact: Transact): SharedVerb<Posting, PlainMessage, { event: RoomEvent }> {
  return {
    async check(em, singles, now) {
      const kinds = await findKinds(
        em,
        singles.map(({ roomId }) => roomId),
      );
      return singles.map((single): PlainMessage | Failure | 'alone' => {
        return kinds.get(single.roomId) === 'project' && isPlain(single.input) ? plainMessage(single, now) : 'alone';
      });
    },
    async write(em, rows) {
      await query(
        em,
        `insert into messages (id, room_id, author_id, body, created_at)
         select t.id, t.room_id, t.author_id, t.body, $5 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as t (id, room_id, author_id, body)`,
        [
          rows.map(({ view }) => view.id),
          rows.map(({ roomId }) => roomId),
          rows.map(({ view }) => view.authorId),
          rows.map(({ view }) => view.body),
          rows[0]?.view.createdAt,
        ],
      );
    },
    fact: ({ view }) => ({ type: 'message.posted', data: view }),
    answer: (event) => ({ status: 201, answer: { event } }),
    alone: ({ actorId, roomId, command, input }) =>
      transact.command(
        { id: actorId },
        command,
        (tx: Tx) => postMessage(tx, roomId, input),
        (outcome) => ({
          status: 201,
          answer: presentOneEvent(outcome),
        }),
      ),
  };
}

function isPlain({ body, replyTo, files = [] }: Posting): boolean {
  return !replyTo && files.length === 0 && !body.includes('@');
}

function plainMessage({ actorId, roomId, input }: Single<Posting>, now: Date): PlainMessage {
  return {
    roomId,
    view: {
      id: newId(),
      authorId: actorId,
      body: input.body,
      replyTo: null,
      files: [],
      mentions: [],
      reactions: [],
      createdAt: now.toISOString(),
      editedAt: null,
      deletedAt: null,
    },
  };
}

async function findKinds(em: Em, roomIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await query<{ id: string; kind: string }>(em, 'select id, kind from rooms where id = any($1)', [
    [...new Set(roomIds)],
  ]);
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}
