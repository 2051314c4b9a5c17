import { refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type {
  ListedNotification,
  Notification,
  NotificationKind,
} from '@safesend/shared/notifications/notification.ts';
import { windowSize } from '@safesend/shared/rooms/room.ts';
import type { FactRef } from '../../kernel/fact-buffer.ts';
import { query, queryOne, type Em } from '../../kernel/sql.ts';
import type { Tx } from '../../kernel/transact.ts';
import { findBeginnings, placeKey } from '../rooms/service/messages.ts';
import type { ReadTogether } from '../rooms/service/marks.ts';
import type { SnapshotContributor } from '../rooms/service/snapshot.ts';
import type { Amount } from './service/amounts.ts';
import type { Recipient } from './service/audience.ts';
import { presentNotification, type NotificationRow } from './present.ts';
import { mailDueAt } from './service/patience.ts';

export interface Notice {
  readonly kind: NotificationKind;
  /** What it is about. */
  readonly about: FactRef;
  /** Can the recipient go there? */
  readonly isReachable: boolean;
  /** Who has read there what it is about, where that was told before: for him it is read. */
  readonly readBy?: ReadonlySet<string>;
  readonly actorName: string;
  readonly roomTitle: string;
  readonly subject?: string;
  readonly amount?: Amount | null;
  readonly invitationId?: string;
}

/** Tells each of these people once: a row, and the fact in his inbox that carries it. */
export function raise(tx: Tx, recipients: readonly Recipient[], notice: Notice): void {
  for (const { userId, inboxRoomId } of recipients) {
    const id = newId();
    const readAt = notice.readBy?.has(userId) ? tx.now.toISOString() : null;
    const view = (): Notification => ({
      id,
      kind: notice.kind,
      roomId: notice.isReachable ? notice.about.roomId : null,
      seq: notice.isReachable ? notice.about.seq : null,
      actorName: notice.actorName,
      roomTitle: notice.roomTitle,
      subject: notice.subject ?? '',
      amountMinor: notice.amount?.amountMinor ?? null,
      currency: notice.amount?.currency ?? null,
      invitationId: notice.invitationId ?? null,
      createdAt: tx.now.toISOString(),
      readAt: null,
    });
    const ref = tx.appendLater(inboxRoomId, 'notification.raised', () => ({
      type: 'notification.raised',
      data: view(),
    }));
    // Whoever can go there is in the room, or hears nothing of it.
    if (notice.isReachable) tx.tellAsMember(notice.about.roomId, userId);
    if (readAt !== null) tx.append(inboxRoomId, { type: 'notification.read', data: { ids: [id], readAt } });
    tx.whenNumbered(() => keep(tx, userId, ref, { ...view(), readAt }));
  }
}

async function keep(tx: Tx, userId: string, { seq }: FactRef, told: Notification): Promise<void> {
  await tx.query(
    `insert into notifications (id, user_id, inbox_seq, kind, room_id, seq, actor_name, room_title, subject, invitation_id,
       created_at, mail_due_at, amount_minor, currency, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      told.id,
      userId,
      seq,
      told.kind,
      told.roomId,
      told.seq,
      told.actorName,
      told.roomTitle,
      told.subject,
      told.invitationId,
      told.createdAt,
      mailDueAt(told.kind, tx.now),
      told.amountMinor,
      told.currency,
      told.readAt,
    ],
  );
}

const factSize = 500;

/** Marks these notifications of mine read, or all of them; what was read before stays as it is. */
export async function markRead(tx: Tx, ids: readonly string[] | 'all'): Promise<void> {
  await (ids === 'all' ? clear(tx, 'true', []) : clear(tx, 'id = any($3)', [ids]));
}

/** Whoever has read a room up to this number needs no notification that points there any more. */
export const readWithRoom: ReadTogether = {
  async findDue(em, marks) {
    const rows = await query<{ at: number }>(
      em,
      `select t.at from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[]) as t (user_id, room_id, seq, at)
       where exists (select from notifications n where n.user_id = t.user_id and n.room_id = t.room_id
                     and n.seq <= t.seq and n.read_at is null)`,
      [
        marks.map(({ userId }) => userId),
        marks.map(({ roomId }) => roomId),
        marks.map(({ seq }) => seq),
        marks.map((_, at) => at),
      ],
    );
    return new Set(rows.map(({ at }) => at));
  },
  settle: (tx, roomId, seq) => clear(tx, 'room_id = $3 and seq <= $4', [roomId, seq]),
};

/** `due` is SQL; its parameters begin at $3. */
async function clear(tx: Tx, due: string, parameters: readonly unknown[]): Promise<void> {
  // Locked in one order, so that two devices that clear everything at once do not wait for each other in a circle.
  const read = await tx.query<{ id: string }>(
    `with due as (
       select id from notifications where user_id = $1 and read_at is null and ${due} order by inbox_seq for update
     ), done as (
       update notifications set read_at = $2 where id in (select id from due) returning id, inbox_seq
     )
     select id from done order by inbox_seq`,
    [tx.me, tx.now, ...parameters],
  );
  if (read.length === 0) return;
  const inboxRoomId = await findInbox(tx.em, tx.me);
  for (let at = 0; at < read.length; at += factSize) {
    const chunk = read.slice(at, at + factSize).map(({ id }) => id);
    tx.append(inboxRoomId, { type: 'notification.read', data: { ids: chunk, readAt: tx.now.toISOString() } });
  }
}

/** Whoever was told of this invitation has nothing left to do about it. */
export async function settleInvitation(tx: Tx, invitationId: string): Promise<void> {
  const settled = await tx.query<{ id: string; inbox_room_id: string }>(
    `update notifications n set read_at = $2 from users u
     where n.invitation_id = $1 and n.read_at is null and u.id = n.user_id returning n.id, u.inbox_room_id`,
    [invitationId, tx.now],
  );
  tellSettled(tx, settled);
}

/** Whoever was told of this message finds nothing there any more. A conversation's own notice stays: it is about all of it. */
export async function settleMessage(tx: Tx, roomId: string, messageId: string): Promise<void> {
  const settled = await tx.query<{ id: string; inbox_room_id: string }>(
    `update notifications n set read_at = $3 from users u, memberships m, facts f
     where f.room_id = $1 and f.subject_id = $2 and f.type = 'message.posted'
       and m.room_id = f.room_id and m.until_seq is null and u.id = m.user_id
       and n.user_id = m.user_id and n.room_id = f.room_id and n.seq = f.seq and n.read_at is null
       and n.kind in ('mention', 'reply')
     returning n.id, u.inbox_room_id`,
    [roomId, messageId, tx.now],
  );
  tellSettled(tx, settled);
}

/** Tells each inbox of what was marked read for its owner. */
export function tellSettled(tx: Tx, settled: readonly { readonly id: string; readonly inbox_room_id: string }[]): void {
  for (const { id, inbox_room_id: inboxRoomId } of settled) {
    tx.append(inboxRoomId, { type: 'notification.read', data: { ids: [id], readAt: tx.now.toISOString() } });
  }
}

async function findInbox(em: Em, userId: string): Promise<string> {
  const row = await queryOne<{ inbox_room_id: string }>(em, 'select inbox_room_id from users where id = $1', [userId]);
  if (!row) throw new Error('an actor without an account');
  return row.inbox_room_id;
}

export interface NotificationPage {
  readonly items: ListedNotification[];
  readonly nextCursor: string | null;
  readonly unread: number;
}

/** My notifications, newest first. The cursor is the place in my inbox, so newcomers move nothing. */
export async function findNotifications(
  em: Em,
  userId: string,
  {
    filter = 'all',
    limit = 50,
    cursor,
  }: { filter?: 'all' | 'unread' | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<NotificationPage> {
  const rows = await findRows(em, userId, filter, readCursor(cursor), limit + 1);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: await withExcerpts(em, userId, shown),
    nextCursor: last ? String(last.inbox_seq) : null,
    unread: await countUnread(em, userId),
  };
}

const excerptLength = 400;

/** Read from the message each time: what was changed or unsaid since is not told as it was. */
async function withExcerpts(em: Em, userId: string, rows: readonly NotificationRow[]): Promise<ListedNotification[]> {
  const items = rows.map((row) =>
    row.has_left
      ? { ...presentNotification(row), roomId: null, seq: null, actorId: null, hasLeft: true }
      : { ...presentNotification(row), actorId: row.actor_id, hasLeft: false },
  );
  const places = items.flatMap(({ roomId, seq }) => (roomId !== null && seq !== null ? [{ roomId, seq }] : []));
  const excerpts = await findBeginnings(em, userId, places, excerptLength);
  return items.map((item) => {
    const { roomId, seq } = item;
    const excerpt = roomId !== null && seq !== null ? excerpts.get(placeKey({ roomId, seq })) : undefined;
    return { ...item, excerpt: excerpt ?? null };
  });
}

/** What somebody did is told under this name from now on; what is told as nobody's doing stays so. */
export async function forgetActor(tx: Tx, userId: string, name: string): Promise<void> {
  await tx.query(
    `update notifications n set actor_name = $2 from facts f
     where f.room_id = n.room_id and f.seq = n.seq and f.actor_id = $1 and n.actor_name <> ''
       and n.room_id in (select m.room_id from memberships m where m.user_id = $1)`,
    [userId, name],
  );
}

export async function countUnread(em: Em, userId: string): Promise<number> {
  const row = await queryOne<{ unread: number }>(
    em,
    'select count(*)::float8 as unread from notifications where user_id = $1 and read_at is null',
    [userId],
  );
  return row?.unread ?? 0;
}

function readCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^[1-9]\d{0,14}$/.test(cursor)) throw refuseField('invalid', 'cursor', 'This is not a cursor of this list.');
  return Number(cursor);
}

async function findRows(
  em: Em,
  userId: string,
  filter: 'all' | 'unread',
  before: number | null,
  limit: number,
): Promise<NotificationRow[]> {
  return query<NotificationRow>(
    em,
    `select n.id, n.kind, n.room_id, n.seq::float8 as seq, f.actor_id, n.actor_name, n.room_title, n.subject, n.amount_minor::float8 as amount_minor, n.currency, n.invitation_id,
       n.created_at, n.read_at, n.inbox_seq::float8 as inbox_seq,
       n.room_id is not null and not exists (
         select from memberships m where m.room_id = n.room_id and m.user_id = n.user_id and m.until_seq is null) as has_left
     from notifications n left join facts f on f.room_id = n.room_id and f.seq = n.seq
     where n.user_id = $1 and ($2 = 'all' or n.read_at is null) and ($3::bigint is null or n.inbox_seq < $3)
     order by n.inbox_seq desc limit $4`,
    [userId, filter, before, limit],
  );
}

/** An inbox's newest notifications and how many are unread. */
export const contributeNotifications: SnapshotContributor = async (em, room) => {
  if (room.kind !== 'inbox') return {};
  const owner = await queryOne<{ id: string }>(em, 'select id from users where inbox_room_id = $1', [room.id]);
  if (!owner) return {};
  const rows = await findRows(em, owner.id, 'all', null, windowSize);
  return { notifications: rows.map(presentNotification), unreadNotifications: await countUnread(em, owner.id) };
};
