import { Failure, refuseField } from '@safesend/shared/failure.ts';
import type { RateLimits } from '../../../kernel/rate.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, accessAccountOf } from '../access.ts';
import type { Account, User } from '../entity.ts';
import { findLinkOwner, makeLink, spendLink } from './links.ts';
import { isPassword } from './passwords.ts';
import { findUser, findUserByEmail } from './people.ts';

/** Where an attempt comes from, and what it is counted by. */
export interface Attempt {
  readonly em: Em;
  readonly limits: RateLimits;
  readonly address: string;
}

/** The person whose address and password these are. Nobody learns which of the two was wrong. */
export async function provePassword({ em, limits, address }: Attempt, email: string, password: string): Promise<User> {
  await limits.spend('signIn.address', address);
  await limits.spend('signIn.account', countedAddress(email));
  const user = await findUserByEmail(em, email);
  if (!(await isPassword(user?.passwordHash, password)) || !user) {
    throw new Failure('unauthenticated', 'E-mail or password is wrong.');
  }
  await forgive(limits, user);
  return user;
}

/**
 * A right proof ends the back-off of a mailbox that is proven to be its owner's. Otherwise it takes back its own attempt
 * alone: anybody can open an account under another spelling of somebody's address.
 */
async function forgive(limits: RateLimits, { email, emailVerifiedAt }: User): Promise<void> {
  const key = countedAddress(email);
  await (emailVerifiedAt ? limits.clear('signIn.account', key) : limits.refund('signIn.account', key));
}

/** Signs in with the password that was proven, unless it was changed in the meantime. */
export async function signIn(tx: Tx, proven: User['passwordHash']): Promise<Account> {
  const account = await accessAccount(tx);
  if (account.user.passwordHash !== proven) throw new Failure('unauthenticated', 'E-mail or password is wrong.');
  return account;
}

/**
 * The signed-in person gives the password once more; `path` is the field it stands in. Counted by itself: who guesses at it
 * from outside does not keep its owner from changing it.
 */
export async function proveOwnPassword(
  { em, limits }: Attempt,
  me: string,
  password: string,
  path: string,
): Promise<User> {
  const user = await findUser(em, me);
  const counted = `person ${me}`;
  await limits.spend('signIn.account', counted);
  if (!(await isPassword(user.passwordHash, password)))
    throw refuseField('invalid', path, 'This is not your password.');
  await limits.clear('signIn.account', counted);
  return user;
}

/** Tags and case make new spellings of one mailbox, not new attempts. */
export function countedAddress(email: string): string {
  const [mailbox = '', host = ''] = email.normalize('NFKC').trim().toLowerCase().split('@');
  return `${mailbox.split('+', 1)[0] ?? ''}@${host}`;
}

export async function findSignInLinkOwner(em: Em, token: string): Promise<string> {
  return findLinkOwner(em, 'sign_in', token);
}

export async function useSignInLink(tx: Tx, token: string): Promise<Account> {
  const account = await accessAccount(tx);
  await spendLink(tx, 'sign_in', token, { id: account.user.id, addresses: [account.user.email] });
  return account;
}

/** A way in that works once, for people whose password nobody knows. */
export async function makeSignInLink(tx: Tx, origin: string, userId: string): Promise<string> {
  const { user } = await accessAccountOf(tx, userId);
  return makeLink(tx, origin, 'sign_in', user);
}
