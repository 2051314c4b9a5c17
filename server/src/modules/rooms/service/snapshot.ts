import { Failure } from '@safesend/shared/failure.ts';
import { id } from '@safesend/shared/ids.ts';
import { moment } from '@safesend/shared/values.ts';
import type { LoggedEvent } from '@safesend/shared/rooms/event.ts';
import {
  windowSize,
  type Room,
  type RoomKind,
  type RoomListItem,
  type RoomSnapshot,
  type RoomState,
} from '@safesend/shared/rooms/room.ts';
import type { Signer } from '../../../kernel/checkpoint.ts';
import { asLive, findSight, type Sight } from '../../../kernel/reading.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { atOneInstant } from '../../../kernel/transact.ts';
import { findListedMembers, findMembers } from './members.ts';
import { findNewestMessages } from './messages.ts';
import { findReads } from './receipts.ts';

/** Adds what a later module knows of a room to its snapshot. */
export type SnapshotContributor = (em: Em, room: Room, userId: string) => Promise<Partial<RoomState>>;

/** A fresh snapshot, read at one instant: state and head belong together. */
export async function takeSnapshot(
  em: Em,
  roomId: string,
  userId: string,
  contributors: readonly SnapshotContributor[],
  signer: Signer,
): Promise<RoomSnapshot> {
  const { state, sight } = await atOneInstant(em, async (reading) => {
    const sight = await findSight(reading, roomId, userId);
    return { sight, state: await readState(reading, sight, userId, contributors) };
  });
  const checkpoint = signer.sign({ roomId, seq: sight.headSeq, hash: sight.headHash, at: state.at });
  return { ...state.room, checkpoint };
}

async function readState(em: Em, sight: Sight, userId: string, contributors: readonly SnapshotContributor[]) {
  const { roomId, headSeq, epoch, firstSeq } = sight;
  const room = await findRoom(em, roomId);
  const [members, messages, reads] = [
    (await findMembers(em, [roomId])).get(roomId) ?? [],
    await findNewestMessages(em, roomId, userId, windowSize),
    await findReads(em, { roomId, viewerId: userId }),
  ];
  const state: RoomState = {
    room: room.view,
    project: null,
    members,
    invitations: [],
    milestones: [],
    messages,
    files: [],
    reads,
    isClosed: room.isClosed,
    notifications: [],
    unreadNotifications: 0,
    account: null,
    headSeq,
    epoch,
    firstSeq,
  };
  const parts: Partial<RoomState>[] = [];
  for (const contribute of contributors) parts.push(await contribute(em, room.view, userId));
  return { room: Object.assign({}, state, ...parts) as RoomState, at: room.now };
}

interface FoundRoom {
  readonly view: Room;
  readonly isClosed: boolean;
  readonly now: string;
}

async function findRoom(em: Em, roomId: string): Promise<FoundRoom> {
  const row = await queryOne<{
    kind: RoomKind;
    title: string;
    created_at: Date | string;
    is_closed: boolean;
    now: Date | string;
  }>(
    em,
    `select r.kind, r.title, r.created_at, product_now() as now, exists (
       select from direct_rooms d where d.room_id = r.id and (
         exists (select from blocks b where (b.user_id, b.blocked_id) in ((d.first_id, d.second_id), (d.second_id, d.first_id)))
         or exists (select from users u where u.id in (d.first_id, d.second_id) and u.closed_at is not null))) as is_closed
     from rooms r where r.id = $1`,
    [roomId],
  );
  if (!row) throw new Failure('missing', 'No such room.');
  const { kind, title, created_at: createdAt, is_closed: isClosed, now } = row;
  return {
    view: { id: roomId, kind, title, createdAt: new Date(createdAt).toISOString() },
    isClosed,
    now: new Date(now).toISOString(),
  };
}

interface ListRow {
  room_id: string;
  kind: RoomKind;
  title: string;
  head_seq: number;
  read_seq: number;
  unread: number;
  last_at: string;
  event: LoggedEvent | null;
}

/** My rooms, the newest fact first; the cursor names the last one shown. */
export async function findRooms(
  em: Em,
  userId: string,
  {
    kind,
    limit = 50,
    cursor,
  }: { kind?: RoomKind | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: RoomListItem[]; nextCursor: string | null }> {
  const [lastAt, lastRoom] = readCursor(cursor);
  const rows = await query<ListRow>(
    em,
    `with page as (
       select m.room_id, r.kind, r.title, h.seq, f.at, coalesce(k.seq, 0) as read_seq
       from memberships m join rooms r on r.id = m.room_id join room_heads h using (room_id)
         join facts f on f.room_id = h.room_id and f.seq = h.seq
         left join read_marks k on k.room_id = m.room_id and k.user_id = m.user_id
       where m.user_id = $1 and m.until_seq is null
         and (case when $2::text is null then r.kind <> 'inbox' else r.kind = $2 end)
         and ($3::timestamptz is null or (f.at, m.room_id) < ($3, $4::uuid))
       order by f.at desc, m.room_id desc limit $5
     )
     select page.room_id, page.kind, page.title, page.seq::float8 as head_seq, page.read_seq::float8 as read_seq,
       unread_count(page.room_id, $1)::float8 as unread, to_char(page.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_at,
       json_build_object('roomId', f.room_id, 'seq', f.seq, 'id', f.id, 'type', f.type, 'actorId', f.actor_id,
         'at', to_char(f.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', p.data, 'hash', f.hash,
         'redacted', x.seq is not null or p.data is null) as event
     from page join facts f on f.room_id = page.room_id and f.seq = page.seq
       join fact_payloads p on p.room_id = f.room_id and p.seq = f.seq
       left join fact_redactions x on x.room_id = f.room_id and x.seq = f.seq
     order by page.at desc, page.room_id desc`,
    [userId, kind ?? null, lastAt, lastRoom, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const members = await findListedMembers(
    em,
    shown.map(({ room_id }) => room_id),
  );
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map((row) => listItem(row, members.get(row.room_id) ?? [])),
    nextCursor: last ? Buffer.from(`${last.last_at} ${last.room_id}`).toString('base64url') : null,
  };
}

function listItem(row: ListRow, members: RoomListItem['members']): RoomListItem {
  return {
    id: row.room_id,
    kind: row.kind,
    title: row.title,
    headSeq: row.head_seq,
    readSeq: row.read_seq,
    unread: row.unread,
    lastEvent: row.event && asListed(row.event),
    members,
  };
}

function asListed(event: LoggedEvent): RoomListItem['lastEvent'] {
  const { redacted, ...rest } = asLive(event);
  const shown = redacted ? { ...rest, data: { ...rest.data, body: null }, redacted } : rest;
  return shown as unknown as RoomListItem['lastEvent'];
}

function readCursor(cursor: string | undefined): [string, string] | [null, null] {
  if (cursor === undefined) return [null, null];
  const match = /^(\S{24}) ([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!match?.[1] || !match[2] || !moment.safeParse(match[1]).success || !id.safeParse(match[2]).success) {
    throw new Failure('invalid', 'This cursor is not one of ours.', {
      errors: [{ path: 'cursor', message: 'Not a cursor.' }],
    });
  }
  return [match[1], match[2]];
}
