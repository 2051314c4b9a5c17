import type { supportRequest } from '@safesend/shared/accounts/forms.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { z } from 'zod';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Ticket } from '../present.ts';
import { composeMail } from './letter.ts';

/** Kept, and told to everybody who runs this installation; while nobody does, it waits for the first of them. */
export async function askSupport(tx: Tx, origin: string, request: z.infer<typeof supportRequest>): Promise<void> {
  const { email, subject, body } = request;
  await tx.query(
    'insert into support_tickets (id, email, user_id, subject, body, created_at) values ($1, $2, $3, $4, $5, $6)',
    [newId(), email, tx.actor.id, subject, body, tx.now],
  );
  const admins = await tx.query<{ email: string }>(
    `select email from users where 'admin' = any(grants) order by email`,
  );
  for (const { email: to } of admins) {
    const footnote =
      tx.actor.id === null ? `From ${email}, not signed in.` : `From ${email}, signed in as ${tx.actor.id}.`;
    const action = { label: 'All support requests', url: `${origin}/admin/support` };
    await tx.enqueue(
      'mail.send',
      composeMail({ to, replyTo: email, subject: `Support: ${subject}`, paragraphs: [body], action, footnote }),
    );
  }
}

/** That a request was answered is a mark of whoever runs this installation, beside what was asked. */
const markOf = (id: string) => `'support.answered.' || ${id}`;
const joined = `support_tickets t left join operator_settings mark on mark.name = ${markOf('t.id')}`;

/** The newest first, one more than asked for where there are more. */
export function findTickets(
  em: Em,
  { isAnswered, after, limit }: { isAnswered: boolean; after: string | null; limit: number },
): Promise<Ticket[]> {
  return query<Ticket>(
    em,
    `select t.id, t.email, t.subject, t.body, t.created_at as at, mark.value ->> 'at' as answered_at,
            case when u.id is not null
              then json_build_object('userId', u.id, 'username', u.username, 'displayName', p.display_name) end as person
     from ${joined} left join users u on u.id = t.user_id left join profiles p on p.user_id = t.user_id
     where (mark.name is not null) = $1 and ($2::uuid is null or t.id < $2)
     order by t.id desc limit $3`,
    [isAnswered, after, limit + 1],
  );
}

export async function countOpenTickets(em: Em): Promise<number> {
  const row = await queryOne<{ n: number }>(em, `select count(*)::int as n from ${joined} where mark.name is null`);
  return row?.n ?? 0;
}

export async function markTicket(tx: Tx, id: string, isAnswered: boolean): Promise<void> {
  const [ticket] = await tx.query('select 1 from support_tickets where id = $1', [id]);
  if (!ticket) throw new Failure('missing', 'There is no such support request.');
  if (isAnswered)
    await tx.query(
      `insert into operator_settings (name, value) values (${markOf('$1')}, $2) on conflict (name) do nothing`,
      [id, JSON.stringify({ at: tx.now.toISOString(), by: tx.me })],
    );
  else await tx.query(`delete from operator_settings where name = ${markOf('$1')}`, [id]);
}
