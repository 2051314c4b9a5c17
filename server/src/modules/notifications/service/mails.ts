import type { Currency } from '@safesend/shared/money.ts';
import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { notificationPath } from '@safesend/shared/notifications/path.ts';
import { kindsByMail } from '@safesend/shared/notifications/preferences.ts';
import type { Mail } from '../../../kernel/ports/mail.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { composeMail } from '../../accounts/service/letter.ts';
import { findUser } from '../../accounts/service/people.ts';
import { mayMailAgain } from './patience.ts';
import { findPreferences } from './preferences.ts';
import { wordsOf } from './words.ts';

interface Waiting {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly room_id: string | null;
  readonly seq: number | null;
  readonly actor_name: string;
  readonly room_title: string;
  readonly subject: string;
  readonly amount_minor: number | null;
  readonly currency: Currency | null;
  readonly is_due: boolean;
  /** He may have left the room since, and hears no more of it then. */
  readonly is_his: boolean;
}

/** Who was told something that he has not read in time. */
export async function findAway(em: Em): Promise<string[]> {
  const rows = await query<{ user_id: string }>(
    em,
    `select distinct user_id from notifications
     where mail_due_at is not null and read_at is null and mail_due_at <= product_now() limit 200`,
  );
  return rows.map(({ user_id }) => user_id);
}

/**
 * Decides about what this person has not read: what is due is mailed now or never, and what he wants takes along what is not
 * due yet, so that he is not written to again for what was known. Marked in the transaction that queues the mail, once for ever.
 */
export async function mailUnread(tx: Tx, origin: string, userId: string): Promise<void> {
  if (!mayMailAgain(await takeTurn(tx, userId), tx.now)) return;
  const waiting = await lockWaiting(tx, userId);
  const wanted = await findWanted(tx, userId, waiting);
  const mailed = wanted.some(({ is_due }) => is_due) ? wanted : [];
  const decided = new Set([...waiting.filter(({ is_due }) => is_due), ...mailed].map(({ id }) => id));
  await tx.query('update notifications set mail_due_at = null where id = any($1)', [[...decided]]);
  if (mailed.length === 0) return;
  const { email } = await findUser(tx.em, userId);
  await tx.enqueue('mail.send', compose(email, origin, mailed));
  await tx.query('update notification_mails set last_at = $2 where user_id = $1', [userId, tx.now]);
}

/** Until the commit no other worker writes to him; says when the last mail was written. */
async function takeTurn(tx: Tx, userId: string): Promise<Date | null> {
  const [row] = await tx.query<{ last_at: Date | string | null }>(
    `insert into notification_mails (user_id) values ($1)
     on conflict (user_id) do update set user_id = excluded.user_id returning last_at`,
    [userId],
  );
  return row?.last_at ? new Date(row.last_at) : null;
}

/** The newest first, locked in the order in which they are read elsewhere: what is read meanwhile is not among them. */
async function lockWaiting(tx: Tx, userId: string): Promise<Waiting[]> {
  const rows = await tx.query<Waiting>(
    `select n.id, n.kind, n.room_id, n.seq::float8 as seq, n.actor_name, n.room_title, n.subject,
       n.amount_minor::float8 as amount_minor, n.currency,
       n.mail_due_at <= $2 as is_due,
       n.room_id is null or exists (select from memberships m where m.room_id = n.room_id and m.user_id = n.user_id
                                    and m.until_seq is null and n.seq >= m.from_seq) as is_his
     from notifications n where n.user_id = $1 and n.read_at is null and n.mail_due_at is not null
     order by n.inbox_seq for update`,
    [userId, tx.now],
  );
  return rows.reverse();
}

/** Only a proven address is written to, and only about what its owner wants to be written to about. */
async function findWanted(tx: Tx, userId: string, waiting: readonly Waiting[]): Promise<Waiting[]> {
  const { emailVerifiedAt } = await findUser(tx.em, userId);
  if (!emailVerifiedAt) return [];
  const kinds = kindsByMail(await findPreferences(tx.em, userId));
  return waiting.filter(({ kind, is_his }) => is_his && kinds.has(kind));
}

/** More than anybody reads in a mail; the rest stands in the centre. */
const longest = 20;

function compose(to: string, origin: string, news: readonly Waiting[]): Mail {
  const lines = news.slice(0, longest).map((one) => ({ text: textOf(one), url: urlOf(origin, one) }));
  const [newest] = lines;
  const rest = news.length - lines.length;
  const subject = newest?.text ?? '';
  return composeMail({
    to,
    subject: news.length > 1 ? `${subject} (and ${news.length - 1} more)` : subject,
    paragraphs: ['This happened on SafeSend while you were away:'],
    lines: rest > 0 ? [...lines, { text: `… and ${rest} more`, url: null }] : lines,
    action: { label: 'Open your notifications', url: `${origin}/notifications` },
    choice: { label: 'Choose what SafeSend mails you about', url: `${origin}/settings?tab=notifications` },
  });
}

function textOf({ actor_name: actorName, room_title: roomTitle, amount_minor: amountMinor, ...told }: Waiting): string {
  return wordsOf({ ...told, actorName, roomTitle, amountMinor });
}

function urlOf(origin: string, { kind, room_id: roomId, seq }: Waiting): string | null {
  const path = notificationPath({ kind, roomId, seq, invitationId: null });
  return path === null ? null : `${origin}${path}`;
}
