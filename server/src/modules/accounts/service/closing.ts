import { Failure } from '@safesend/shared/failure.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount } from '../access.ts';
import type { Account } from '../entity.ts';
import { composeMail } from './letter.ts';
import { removeEveryPasskey } from './passkeys.ts';
import { endEverySession, requireFresh, requireSession } from './sessions.ts';
import { revokeEveryApiToken } from './tokens.ts';

/** The acting person's account, locked, if he may close it as far as accounts go: signed in here, proven, not the last administrator. */
export async function accessClosing(tx: Tx, sessionKey: string | null): Promise<Account> {
  const account = await accessAccount(tx);
  await requireSession(tx, sessionKey);
  await requireFresh(tx.em, tx.me, sessionKey);
  if (account.user.grants.includes('admin')) await refuseLastAdministrator(tx);
  return account;
}

/** Two administrators who close at once do so one after the other. */
async function refuseLastAdministrator(tx: Tx): Promise<void> {
  const administrators = await tx.query<{ id: string }>(
    `select id from users where 'admin' = any(grants) order by id for update`,
  );
  if (administrators.every(({ id }) => id === tx.me))
    throw new Failure('conflict', 'You are the only administrator. Make somebody else one first.');
}

/** Every way in, and everything that tells who he was, goes; the account stays as the one who said and did what others keep. */
export async function close(tx: Tx, account: Account): Promise<void> {
  const { user, profile } = account;
  await tx.enqueue(
    'mail.send',
    composeMail({
      to: user.email,
      subject: 'Your account was closed',
      paragraphs: [
        `Hello ${profile.displayName},`,
        `your SafeSend account @${user.username} was closed, as you asked. Nobody can sign in to it any more, and this address is free again.`,
      ],
      footnote:
        'What you wrote and shared in projects stays with the people you worked with, from “Closed account”. That you joined a room, and left it, stays there under the name you had.',
    }),
  );
  await revokeEveryApiToken(tx);
  await removeEveryPasskey(tx, account);
  await tx.query('delete from account_links where user_id = $1', [user.id]);
  await tx.query('delete from blocks where user_id = $1', [user.id]);
  await endEverySession(tx);
  tx.append(user.inboxRoomId, { type: 'account.closed', data: {} });
  user.close(tx.now);
  profile.clear();
}
