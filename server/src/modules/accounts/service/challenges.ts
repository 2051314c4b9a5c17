import { randomBytes } from 'node:crypto';
import { Failure } from '@safesend/shared/failure.ts';
import { sha256 } from '../../../kernel/chain.ts';
import { sqlState } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';

/** What a browser is asked to sign, and who may answer: one session, or the page that asked before anybody was signed in. */
export interface Asking {
  readonly purpose: 'creation' | 'sign_in' | 'reauthentication';
  readonly sessionKey: string | null;
}

const lifetime = '5 minutes';

/** The attempt is known to whoever asked and to nobody else; the database keeps its hash. */
export async function openChallenge(
  tx: Tx,
  { purpose, sessionKey }: Asking,
): Promise<{ attempt: string; challenge: string }> {
  const [attempt, challenge] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  await tx.query(
    `delete from passkey_challenges where attempt_hash in
       (select attempt_hash from passkey_challenges where expires_at <= $1 limit 100 for update skip locked)`,
    [tx.now],
  );
  await tx
    .query(
      `insert into passkey_challenges (attempt_hash, challenge, purpose, session_id, expires_at)
       values ($1, $2, $3, $4, $5::timestamptz + $6::interval)`,
      [sha256(attempt), challenge, purpose, sessionKey, tx.now, lifetime],
    )
    .catch(refuseEnded);
  return { attempt, challenge };
}

/** The session that asked was ended at the same moment. */
function refuseEnded(error: unknown): never {
  if (sqlState(error) !== '23503') throw error;
  throw new Failure('unauthenticated', 'Sign in first.');
}

/** In a transaction of its own, before the answer is looked at: whatever comes of it, it was asked once. */
export async function spendChallenge(tx: Tx, attempt: string, { purpose, sessionKey }: Asking): Promise<string> {
  const [spent] = await tx.query<{ challenge: string }>(
    `delete from passkey_challenges where attempt_hash = $1 and purpose = $2 and session_id is not distinct from $3
       and expires_at > $4 returning challenge`,
    [sha256(attempt), purpose, sessionKey, tx.now],
  );
  if (!spent) throw new Failure('conflict', 'This took too long, or was answered already. Try again.');
  return spent.challenge;
}
