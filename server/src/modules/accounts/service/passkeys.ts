import { passkeyLimits, type Assertion } from '@safesend/shared/accounts/passkey.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { sqlState, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, accessPasskey } from '../access.ts';
import { Passkey, type Account } from '../entity.ts';
import { presentPasskey } from '../present.ts';
import { composeMail } from './letter.ts';
import { requireSession } from './sessions.ts';
import type { Attempt } from './signin.ts';
import { readAssertion, type Made, type Site } from './webauthn.ts';

export async function findPasskeys(em: Em, userId: string): Promise<Passkey[]> {
  return em.find(Passkey, { userId }, { orderBy: { createdAt: 'desc', id: 'desc' } });
}

export async function addPasskey(tx: Tx, made: Made, name: string, sessionKey: string | null): Promise<Passkey> {
  const account = await accessAccount(tx);
  await requireSession(tx, sessionKey);
  const { user } = account;
  if ((await findPasskeys(tx.em, user.id)).length >= passkeyLimits.perAccount)
    throw new Failure('conflict', `An account has at most ${passkeyLimits.perAccount} passkeys. Remove one first.`);
  const passkey = tx.em.create(Passkey, {
    ...{ id: newId(), userId: user.id, name, createdAt: tx.now, lastUsedAt: null },
    ...{ ...made, counter: BigInt(made.counter) },
  });
  await tx.em.flush().catch(refuseKnown);
  tx.append(user.inboxRoomId, { type: 'account.passkey.added', data: presentPasskey(passkey) });
  await tell(
    tx,
    account,
    'A passkey was added to your account',
    `the passkey “${name}” can now sign in to your account.`,
  );
  return passkey;
}

/** The authenticator gave out a key that is here already, for whomever. */
function refuseKnown(error: unknown): never {
  if (sqlState(error) !== '23505') throw error;
  throw new Failure('conflict', 'This passkey is in use already.');
}

export async function renamePasskey(tx: Tx, passkeyId: string, name: string): Promise<Passkey> {
  const { account, passkey } = await accessPasskey(tx, passkeyId);
  if (passkey.name === name) return passkey;
  passkey.name = name;
  tx.append(account.user.inboxRoomId, { type: 'account.passkey.renamed', data: presentPasskey(passkey) });
  return passkey;
}

export async function removePasskey(tx: Tx, passkeyId: string): Promise<void> {
  const { account, passkey } = await accessPasskey(tx, passkeyId);
  await remove(tx, account, passkey);
  const text = `the passkey “${passkey.name}” was removed. It does not sign in to your account any more.`;
  await tell(tx, account, 'A passkey was removed from your account', text);
}

/** What whoever had the account before may have put there. The mail about the new password says it. */
export async function removeEveryPasskey(tx: Tx, account: Account): Promise<void> {
  for (const passkey of await findPasskeys(tx.em, account.user.id)) await remove(tx, account, passkey);
}

async function remove(tx: Tx, { user }: Account, passkey: Passkey): Promise<void> {
  tx.em.remove(passkey);
  tx.append(user.inboxRoomId, { type: 'account.passkey.removed', data: { passkeyId: passkey.id } });
}

/** A passkey that answered; whether it may still be used is asked again under the account's lock. */
export interface Proven {
  readonly passkeyId: string;
  readonly userId: string;
  readonly counter: number;
}

/** Whose passkey answered this challenge; null for one that did not, and nobody learns what was wrong with it. */
export async function provePasskey(
  { em, limits }: Attempt,
  site: Site,
  challenge: string,
  response: Assertion,
): Promise<Proven | null> {
  const passkey = await em.findOne(Passkey, { credentialId: response.id });
  if (!passkey) return null;
  // By itself: who guesses at the password of its owner does not keep him out, nor is he given more attempts.
  const counted = `passkey ${passkey.id}`;
  await limits.spend('signIn.account', counted);
  const counter = await readAssertion(site, challenge, passkey, response);
  if (counter === null) return null;
  await limits.clear('signIn.account', counted);
  return { passkeyId: passkey.id, userId: passkey.userId, counter };
}

/** Signs in with the passkey that was proven, unless it was removed, or used by somebody faster, in the meantime. */
export async function usePasskey(tx: Tx, { passkeyId, counter }: Proven): Promise<Account> {
  const account = await accessAccount(tx);
  const used = await tx.query(
    `update passkeys set counter = $3, last_used_at = $4
     where id = $1 and user_id = $2 and (counter < $3 or (counter = 0 and $3 = 0)) returning id`,
    [passkeyId, account.user.id, counter, tx.now],
  );
  if (used.length === 0) throw new Failure('conflict', 'This passkey was used or removed somewhere else just now.');
  return account;
}

async function tell(tx: Tx, { user, profile }: Account, subject: string, text: string): Promise<void> {
  const footnote =
    'If this was not you, ask for a new password on the sign-in page at once: that also removes every passkey.';
  await tx.enqueue(
    'mail.send',
    composeMail({ to: user.email, subject, paragraphs: [`Hello ${profile.displayName},`, text], footnote }),
  );
}
