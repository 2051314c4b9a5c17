import { Failure } from '@safesend/shared/failure.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, refuseOtherPassword } from '../access.ts';
import type { Account, User } from '../entity.ts';
import { presentUser } from '../present.ts';
import { composeMail } from './letter.ts';
import { dropPendingLinks, findLinkOwner, makeLink, spendLink, voidLinks } from './links.ts';
import { refuseRacing, refuseTaken } from './taken.ts';

/** Sends the link that proves the account's owner reads this address: the one asked for, else the one he has. */
export async function sendVerification(tx: Tx, origin: string, { user, profile }: Account): Promise<void> {
  const { id, email, pendingEmail } = user;
  const to = pendingEmail ?? email;
  const url = await makeLink(tx, origin, 'verification', { id, email: to });
  await tx.enqueue(
    'mail.send',
    composeMail({
      to,
      subject: 'Confirm your address',
      paragraphs: [
        `Hello ${profile.displayName},`,
        pendingEmail
          ? `somebody who is signed in to the SafeSend account @${user.username} asked to use this address for it. If that was you, confirm that the address is yours. From then on it is the address of your account; until then that stays ${email}.`
          : 'please confirm that this address is yours. Until then you can talk and plan, but not move money.',
      ],
      action: { label: 'Confirm address', url },
      footnote: pendingEmail
        ? 'The link works once, for two days. If you did not ask for this, do not open it: without it nothing changes.'
        : 'The link works once, for two days. If you did not open an account at SafeSend, ignore this mail.',
    }),
  );
}

export async function resendVerification(tx: Tx, origin: string): Promise<void> {
  const account = await accessAccount(tx);
  if (account.user.emailVerifiedAt && !account.user.pendingEmail)
    throw new Failure('conflict', 'Your address is confirmed already.');
  await voidLinks(tx, 'verification', account.user);
  await sendVerification(tx, origin, account);
}

export async function findVerificationOwner(em: Em, token: string): Promise<string> {
  return findLinkOwner(em, 'verification', token);
}

/** Proves the address the link was mailed to; one that was asked for becomes the account's with that. */
export async function verifyEmail(tx: Tx, origin: string, token: string): Promise<void> {
  const account = await accessAccount(tx);
  const { user } = account;
  const addresses = [user.email, ...(user.pendingEmail ? [user.pendingEmail] : [])];
  const email = await spendLink(tx, 'verification', token, { id: user.id, addresses });
  if (email !== user.email) return move(tx, origin, account, email);
  user.verifyEmail(tx.now);
  tx.append(user.inboxRoomId, { type: 'account.email.verified', data: presentUser(account) });
}

async function move(tx: Tx, origin: string, account: Account, email: string): Promise<void> {
  const { user } = account;
  await refuseTaken(tx.em, { email });
  const notice = letterToOld(account, 'Your address was changed', {
    text: `your SafeSend account @${user.username} now uses the address ${email}: somebody who was signed in as you had asked for it, and the link that was mailed there was opened. Mails no longer come here.`,
    footnote: `If this was not you, say so at once: ${origin}/support`,
  });
  user.moveTo(email, tx.now);
  await tx.em.flush().catch(refuseRacing);
  await voidLinks(tx, 'verification', user);
  await tx.enqueue('mail.send', notice);
  tx.append(user.inboxRoomId, { type: 'account.email.changed', data: presentUser(account) });
}

/** The old address stays in force until the new one is proven, and hears of it at once, so that its owner can object. */
export async function changeEmail(tx: Tx, origin: string, email: string, proven: User['passwordHash']): Promise<void> {
  const account = await accessAccount(tx);
  const { user } = account;
  refuseOtherPassword(user, proven);
  if (user.email === email) return cancelEmailChangeOf(tx, account);
  await refuseTaken(tx.em, { email });
  await dropPendingLinks(tx, user);
  user.pendingEmail = email;
  const notice = letterToOld(account, 'Somebody asked to change your address', {
    text: `somebody who is signed in to your SafeSend account @${user.username} asked to use the address ${email} for it. If that was you, open the link that was mailed there; until then nothing changes.`,
    footnote: `If this was not you, set a new password: ${origin}/forgot. That also takes the change back.`,
  });
  await tx.enqueue('mail.send', notice);
  await sendVerification(tx, origin, account);
  tx.append(user.inboxRoomId, { type: 'account.email.change.requested', data: presentUser(account) });
}

export async function cancelEmailChange(tx: Tx): Promise<void> {
  await cancelEmailChangeOf(tx, await accessAccount(tx));
}

/** Also what a new password does: who set it may not be who asked for the address. */
export async function cancelEmailChangeOf(tx: Tx, account: Account): Promise<void> {
  const { user } = account;
  if (!user.pendingEmail) return;
  await dropPendingLinks(tx, user);
  user.pendingEmail = null;
  tx.append(user.inboxRoomId, { type: 'account.email.change.cancelled', data: presentUser(account) });
}

function letterToOld(
  { user, profile }: Account,
  subject: string,
  { text, footnote }: { readonly text: string; readonly footnote: string },
): ReturnType<typeof composeMail> {
  return composeMail({ to: user.email, subject, paragraphs: [`Hello ${profile.displayName},`, text], footnote });
}
