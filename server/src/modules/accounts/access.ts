import { LockMode } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import { queryOne, type Em } from '../../kernel/sql.ts';
import type { Tx } from '../../kernel/transact.ts';
import { Passkey, Profile, User, type Account } from './entity.ts';

/** The acting person's own account, locked against other changes to it. */
export async function accessAccount(tx: Tx): Promise<Account> {
  return accessAccountOf(tx, tx.me);
}

/** Somebody's account by id, locked: for the product's own steps (links, operators), which prove the right in another way. */
export async function accessAccountOf(tx: Tx, userId: string): Promise<Account> {
  const user = await tx.em.findOne(User, userId, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const profile = user && (await tx.em.findOne(Profile, userId));
  if (!user || !profile || user.closedAt) throw new Failure('unauthenticated', 'Sign in first.');
  return { user, profile };
}

/**
 * Whoever closes his account meanwhile joins nothing any more. Asked before anything else is locked, and by a lock that
 * only a change of the account itself waits for.
 */
export async function refuseClosed(tx: Tx): Promise<void> {
  const [user] = await tx.query<{ closed_at: Date | null }>('select closed_at from users where id = $1 for key share', [
    tx.me,
  ]);
  if (!user || user.closed_at) throw new Failure('unauthenticated', 'Sign in first.');
}

/** Money and publishing need an address that was proven. */
export async function accessVerified(tx: Tx): Promise<User> {
  const { user } = await accessAccount(tx);
  if (!user.emailVerifiedAt) throw new Failure('email_unverified', 'Confirm your e-mail address first.');
  return user;
}

/** How long one counts as having just said again who one is. */
const freshMinutes = 10;

/** Did he prove again who he is, in this very session, a moment ago? To have signed in is not enough. */
export async function isFresh(em: Em, userId: string, sessionKey: string | null): Promise<boolean> {
  const sql = `select 1 as one from sessions where id = $1 and user_id = $2 and reauthenticated_at > created_at
    and reauthenticated_at > product_now() - make_interval(mins => $3)`;
  return (await queryOne(em, sql, [sessionKey, userId, freshMinutes])) !== null;
}

/** A passkey of the acting person's own, with his account locked; anybody else's is missing. */
export async function accessPasskey(tx: Tx, passkeyId: string): Promise<{ account: Account; passkey: Passkey }> {
  const account = await accessAccount(tx);
  const passkey = await tx.em.findOne(Passkey, { id: passkeyId, userId: account.user.id });
  if (!passkey) throw new Failure('missing', 'No such passkey.');
  return { account, passkey };
}

/** The password was checked before the account was locked: if it is another by now, somebody else was here. */
export function refuseOtherPassword({ passwordHash }: User, proven: User['passwordHash']): void {
  if (passwordHash !== proven) throw new Failure('conflict', 'The password was changed somewhere else just now.');
}

/** Did either of the two block the other, or close the account? */
export async function isBlocked(em: Em, a: string, b: string): Promise<boolean> {
  const sql = `select 1 as one from blocks where (user_id = $1 and blocked_id = $2) or (user_id = $2 and blocked_id = $1)
    union all select 1 from users where id in ($1, $2) and closed_at is not null limit 1`;
  return (await queryOne(em, sql, [a, b])) !== null;
}

/** Do the two share a room, or did they once? Strangers are missing to each other. */
export async function accessAcquaintance(tx: Tx, userId: string): Promise<void> {
  const shared = await tx.query(
    `select 1 as one from memberships mine join memberships theirs using (room_id)
     where mine.user_id = $1 and theirs.user_id = $2 limit 1`,
    [tx.me, userId],
  );
  if (shared.length === 0) throw new Failure('missing', 'No such person.');
}
