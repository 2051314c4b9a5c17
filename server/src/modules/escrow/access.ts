import { LockMode } from '@mikro-orm/core';
import { chargeRule } from '@safesend/shared/escrow/fees.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { Identity } from '../../kernel/identity.ts';
import { queryOne, type Em } from '../../kernel/sql.ts';
import type { Tx } from '../../kernel/transact.ts';
import { isFresh } from '../accounts/access.ts';
import { Hold, Payment } from './entity.ts';

/** 5,000.00 where a charge costs at least 35; about as much in other currencies. */
const freshAbove = (of: Currency) => (chargeRule(of).fixed * 500_000n) / 35n;

/** The hold, locked until commit and as it is under the lock; what this transaction changed in it is written first. */
export async function lockHold(tx: Tx, holdId: string): Promise<Hold> {
  await tx.em.flush();
  return tx.em.findOneOrFail(Hold, holdId, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

export async function lockHoldOf(tx: Tx, milestoneId: string): Promise<Hold | null> {
  await tx.em.flush();
  return tx.em.findOne(Hold, { milestoneId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

/** Money needs an address that was proven. */
export async function requireVerified(tx: Pick<Tx, 'em' | 'me'>): Promise<void> {
  const row = await queryOne(tx.em, 'select 1 as one from users where id = $1 and email_verified_at is not null', [
    tx.me,
  ]);
  if (!row) throw new Failure('email_unverified', 'Confirm your e-mail address first.');
}

type Released = Pick<Hold, 'currency' | 'releasingMinor' | 'releasedMinor'>;

/**
 * Large amounts leave only after he proved again who he is, in this very session, a moment ago. What has left the
 * hold before counts along: cutting it into small parts asks no less.
 */
export async function requireFresh(tx: Tx, identity: Identity, hold: Released, amount: bigint): Promise<void> {
  if (hold.releasingMinor + hold.releasedMinor + amount <= freshAbove(hold.currency)) return;
  if (!(await isFresh(tx.em, tx.me, identity.credentialKey)))
    throw new Failure('reauthentication_required', 'Confirm that it is you to release this much.');
}

/** My own attempt to pay; anybody else's is missing. */
export async function accessOwnPayment(
  em: Em,
  paymentId: string,
  userId: string,
): Promise<{ payment: Payment; hold: Hold }> {
  const payment = await em.findOne(Payment, { id: paymentId, payerId: userId });
  if (!payment) throw new Failure('missing', 'No such payment.');
  return { payment, hold: await em.findOneOrFail(Hold, payment.holdId) };
}
