import type { supportRequest } from '@safesend/shared/accounts/forms.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { z } from 'zod';
import type { Tx } from '../../../kernel/transact.ts';
import { composeMail } from './letter.ts';

/** Kept, and told to everybody who runs this installation; to its own address while nobody does. */
export async function askSupport(
  tx: Tx,
  operatorMail: string,
  { email, subject, body }: z.infer<typeof supportRequest>,
): Promise<void> {
  await tx.query(
    'insert into support_tickets (id, email, user_id, subject, body, created_at) values ($1, $2, $3, $4, $5, $6)',
    [newId(), email, tx.actor.id, subject, body, tx.now],
  );
  const admins = await tx.query<{ email: string }>(
    `select email from users where 'admin' = any(grants) order by email`,
  );
  for (const to of admins.length > 0 ? admins.map((admin) => admin.email) : [operatorMail]) {
    const footnote =
      tx.actor.id === null ? `From ${email}, not signed in.` : `From ${email}, signed in as ${tx.actor.id}.`;
    const letter = { to, replyTo: email, subject: `Support: ${subject}`, paragraphs: [body], footnote };
    await tx.enqueue('mail.send', composeMail(letter));
  }
}
