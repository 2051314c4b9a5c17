import { passwordWeakness } from '@safesend/shared/accounts/password.ts';
import { refuseField } from '@safesend/shared/failure.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, accessAccountOf, refuseOtherPassword } from '../access.ts';
import type { Account, User } from '../entity.ts';
import { cancelEmailChangeOf } from './addresses.ts';
import { composeMail } from './letter.ts';
import { findLinkOwner, makeLink, refuseSpentLink, spendLink, voidLinks } from './links.ts';
import { removeEveryPasskey } from './passkeys.ts';
import { hashPassword } from './passwords.ts';
import { findAccount, findUserByEmail } from './people.ts';
import { endEverySession, endOtherSessions } from './sessions.ts';
import { revokeEveryApiToken } from './tokens.ts';

/** Refuses what is too easy to guess for this person, then hashes. Nothing is locked meanwhile. */
export async function hashNewPassword(em: Em, userId: string, password: string): Promise<string> {
  const { user, profile } = await findAccount(em, userId);
  const weakness = passwordWeakness(password, [user.email, user.username, profile.displayName]);
  if (weakness) throw refuseField('invalid', 'password', weakness);
  return hashPassword(password);
}

/** Of who has just given the one he has. */
export function refuseSamePassword({
  currentPassword,
  password,
}: {
  readonly currentPassword: string;
  readonly password: string;
}): void {
  if (password === currentPassword)
    throw refuseField('invalid', 'password', 'This is the password you have. Choose another one.');
}

interface PasswordChange {
  /** The hash the current password was checked against: if it is another by now, somebody else was here. */
  readonly proven: User['passwordHash'];
  readonly passwordHash: string;
  readonly keptSession: string;
}

export async function changePassword(tx: Tx, { proven, passwordHash, keptSession }: PasswordChange): Promise<void> {
  const account = await accessAccount(tx);
  refuseOtherPassword(account.user, proven);
  const ended = 'Other places were signed out. Passkeys and API tokens stay as they were.';
  await setPassword(tx, account, passwordHash, ended);
  await endOtherSessions(tx, keptSession);
}

export async function findResetOwner(em: Em, token: string): Promise<string> {
  return findLinkOwner(em, 'password_reset', token);
}

/** Would it set a password now? Says to whoever holds the token what using it would say, and uses nothing up. */
export async function checkResetLink(em: Em, token: string): Promise<void> {
  await refuseSpentLink(em, 'password_reset', token);
}

/**
 * The reader of the mailbox takes the account over from whoever had it before, who may have opened it in his name: nothing
 * that was handed out until now opens it any more.
 */
export async function resetPassword(tx: Tx, token: string, passwordHash: string): Promise<User> {
  const account = await accessAccount(tx);
  const { id, email } = account.user;
  await spendLink(tx, 'password_reset', token, { id, addresses: [email] });
  await setPassword(
    tx,
    account,
    passwordHash,
    'Every place was signed out, every API token was revoked, and every passkey was removed.',
  );
  await endEverySession(tx);
  await revokeEveryApiToken(tx);
  await removeEveryPasskey(tx, account);
  return account.user;
}

async function setPassword(tx: Tx, account: Account, passwordHash: string, ended: string): Promise<void> {
  const { user, profile } = account;
  user.passwordHash = passwordHash;
  await voidLinks(tx, 'password_reset', user);
  await voidLinks(tx, 'sign_in', user);
  await cancelEmailChangeOf(tx, account);
  tx.append(user.inboxRoomId, { type: 'account.password.changed', data: {} });
  await tx.enqueue(
    'mail.send',
    composeMail({
      to: user.email,
      subject: 'Your password was changed',
      paragraphs: [`Hello ${profile.displayName},`, `the password of your SafeSend account was changed. ${ended}`],
      footnote: 'If this was not you, ask for a new password on the sign-in page at once.',
    }),
  );
}

/** The same work for every address; whose it is, if anybody's, is found out by the job. */
export async function requestPasswordReset(tx: Tx, email: string): Promise<void> {
  await tx.enqueue('password-reset.send', { email });
}

/** Sends the mail, if this is anybody's address. */
export async function sendPasswordReset(tx: Tx, origin: string, email: string): Promise<void> {
  const found = await findUserByEmail(tx.em, email);
  if (!found) return;
  const { user, profile } = await accessAccountOf(tx, found.id);
  await tx.enqueue(
    'mail.send',
    composeMail({
      to: user.email,
      subject: 'Set a new password',
      paragraphs: [
        `Hello ${profile.displayName},`,
        'somebody, hopefully you, asked for a new password for your SafeSend account.',
      ],
      action: { label: 'Set a new password', url: await makeLink(tx, origin, 'password_reset', user) },
      footnote: 'The link works once, for one hour. If it was not you, ignore this mail: nothing was changed.',
    }),
  );
}

/** For operators: the link itself, handed over in person. */
export async function makeResetLink(tx: Tx, origin: string, userId: string): Promise<string> {
  const { user } = await accessAccountOf(tx, userId);
  return makeLink(tx, origin, 'password_reset', user);
}
