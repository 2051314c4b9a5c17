import { Failure } from '@safesend/shared/failure.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount } from '../access.ts';
import type { Account } from '../entity.ts';
import { presentUser } from '../present.ts';
import { composeMail } from './letter.ts';
import { findLinkOwner, makeLink, spendLink, voidLinks } from './links.ts';
import { refuseRacing, refuseTaken } from './taken.ts';

/** Sends the link that proves an address is read by the account's owner. */
export async function sendVerification(tx: Tx, origin: string, { user, profile }: Account): Promise<void> {
  const url = await makeLink(tx, origin, 'verification', user);
  await tx.enqueue(
    'mail.send',
    composeMail({
      to: user.email,
      subject: 'Confirm your address',
      paragraphs: [
        `Hello ${profile.displayName},`,
        'please confirm that this address is yours. Until then you can talk and plan, but not move money.',
      ],
      action: { label: 'Confirm address', url },
      footnote: 'The link works once, for two days. If you did not open an account at SafeSend, ignore this mail.',
    }),
  );
}

export async function resendVerification(tx: Tx, origin: string): Promise<void> {
  const account = await accessAccount(tx);
  if (account.user.emailVerifiedAt) throw new Failure('conflict', 'Your address is confirmed already.');
  await voidLinks(tx, 'verification', account.user);
  await sendVerification(tx, origin, account);
}

export async function findVerificationOwner(em: Em, token: string): Promise<string> {
  return findLinkOwner(em, 'verification', token);
}

export async function verifyEmail(tx: Tx, token: string): Promise<void> {
  const account = await accessAccount(tx);
  await spendLink(tx, 'verification', token, account.user);
  account.user.verifyEmail(tx.now);
  tx.append(account.user.inboxRoomId, { type: 'account.email.verified', data: presentUser(account) });
}

/** The new address must be confirmed again; the old one is told, so that its owner can object. */
export async function changeEmail(tx: Tx, origin: string, email: string): Promise<void> {
  const account = await accessAccount(tx);
  const { user, profile } = account;
  if (user.email === email) return;
  await refuseTaken(tx.em, { email });
  const notice = composeMail({
    to: user.email,
    subject: 'Your address was changed',
    paragraphs: [
      `Hello ${profile.displayName},`,
      `your SafeSend account now uses the address ${email}. Mails no longer come here.`,
    ],
    footnote: `If this was not you, say so at once: ${origin}/support`,
  });
  user.moveTo(email);
  await tx.em.flush().catch(refuseRacing);
  await tx.enqueue('mail.send', notice);
  await sendVerification(tx, origin, account);
  tx.append(user.inboxRoomId, { type: 'account.email.changed', data: presentUser(account) });
}
