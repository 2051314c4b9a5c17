import { serviceFee, type FeeTerms } from '@safesend/shared/escrow/fees.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { paymentHours } from '@safesend/shared/projects/limits.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { lockHoldOf } from '../access.ts';
import { Hold, Payment } from '../entity.ts';
import type { Working } from './owner.ts';
import { queueOperation } from './queue.ts';

export interface Funding {
  readonly milestoneId: string;
  readonly roomId: string;
  readonly projectId: string;
  readonly clientId: string;
  readonly freelancerId: string;
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly fees: FeeTerms;
  readonly paymentMethodId: string | null;
  readonly testCard: string | null;
  readonly saveMethod: boolean;
}

/** Opens an attempt to pay, and the hold when it is the first. The processor hears of it after the commit. */
export async function openPayment(
  tx: Tx,
  processor: Working['processor'],
  funding: Funding,
): Promise<{ hold: Hold; payment: Payment }> {
  const hold = (await lockHoldOf(tx, funding.milestoneId)) ?? createHold(tx, processor, funding);
  if (hold.processor !== processor.name) {
    if (hold.fundedMinor > 0n) throw new Failure('conflict', 'This was paid at another processor.');
    hold.processor = processor.name;
  }
  beOf(hold, funding);
  await requireCard(tx, processor, funding);
  // The ORM does not know that one refers to the other.
  await tx.em.flush();
  const amount = BigInt(funding.amountMinor);
  const payment = tx.em.create(Payment, {
    id: newId(),
    holdId: hold.id,
    payerId: tx.me,
    amountMinor: amount,
    feeMinor: serviceFee(amount, funding.currency, funding.fees),
    currency: funding.currency,
    status: 'processing',
    paymentMethodId: funding.paymentMethodId,
    saveMethod: funding.saveMethod,
    createdAt: tx.now,
    expiresAt: new Date(tx.now.getTime() + paymentHours * 3_600_000),
  });
  await tx.em.flush();
  await queueStep(tx, hold, payment, funding.testCard);
  return { hold, payment };
}

/** As long as nothing was paid it is whose the project's money is now: an attempt may have come to nothing before others took over. */
function beOf(hold: Hold, { clientId, freelancerId }: Funding): void {
  if (hold.clientId === clientId && hold.freelancerId === freelancerId) return;
  if (hold.fundedMinor > 0n)
    throw new Failure(
      'conflict',
      'Money for this went between other people before. Take it out of the plan and plan it anew.',
    );
  hold.clientId = clientId;
  hold.freelancerId = freelancerId;
}

function createHold(tx: Tx, processor: Working['processor'], funding: Funding): Hold {
  const { milestoneId, roomId, projectId, clientId, freelancerId, currency, fees } = funding;
  const nothing = {
    ...{ fundedMinor: 0n, heldMinor: 0n, frozenMinor: 0n, releasingMinor: 0n, refundingMinor: 0n },
    ...{ releasedMinor: 0n, refundedMinor: 0n, chargedBackMinor: 0n },
    ...{ platformFeeMinor: 0n, serviceFeeMinor: 0n, paidMinor: 0n },
    ...{ owedMinor: 0n, recoveredMinor: 0n, atRiskMinor: 0n, creditMinor: 0n },
  };
  return tx.em.create(Hold, {
    id: newId(),
    ...{ milestoneId, roomId, projectId, clientId, freelancerId, currency },
    ...{ platformFeeBps: fees.platformFeeBps, serviceFeeBps: fees.serviceFeeBps },
    processor: processor.name,
    ...nothing,
    createdAt: tx.now,
  });
}

/** What a payment is made with: a saved card, a new one of those one may try things out with, or what the browser brings. */
type Card = Pick<Funding, 'paymentMethodId' | 'testCard'>;

async function requireCard(
  tx: Tx,
  processor: Working['processor'],
  { paymentMethodId, testCard }: Card,
): Promise<void> {
  if (testCard !== null) requireTestCard(processor, testCard);
  if (testCard !== null && paymentMethodId !== null)
    throw refuseField('invalid', 'testCard', 'A payment is made with one card.');
  if (paymentMethodId !== null) await requireOwnMethod(tx, paymentMethodId, processor.name);
}

export function requireTestCard({ testMethods }: Working['processor'], testCard: string): void {
  if (!testMethods.some(({ methodId }) => methodId === testCard))
    throw refuseField('invalid', 'testCard', 'There is no such test card.');
}

async function requireOwnMethod(tx: Tx, methodId: string, processor: string): Promise<void> {
  const row = await queryOne(
    tx.em,
    'select 1 as one from payment_methods where id = $1 and user_id = $2 and processor = $3 and removed_at is null',
    [methodId, tx.me, processor],
  );
  if (!row) throw new Failure('missing', 'No such payment method.');
}

/** My open attempt, with its hold; the caller has locked what belongs to it. */
export async function lockOwnPayment(tx: Tx, paymentId: string): Promise<{ hold: Hold; payment: Payment }> {
  const payment = await tx.em.findOne(Payment, { id: paymentId, payerId: tx.me }, { refresh: true });
  const hold = payment && (await tx.em.findOneOrFail(Hold, payment.holdId));
  if (!payment || !hold) throw new Failure('missing', 'No such payment.');
  return { payment, hold };
}

/** The attempt to pay for this milestone that is not over, with its hold locked. */
export async function findOpenPayment(tx: Tx, milestoneId: string): Promise<{ hold: Hold; payment: Payment } | null> {
  const hold = await lockHoldOf(tx, milestoneId);
  const open = { $in: ['processing', 'requires_action', 'declined'] as const };
  const payment = hold && (await tx.em.findOne(Payment, { holdId: hold.id, status: open }, { refresh: true }));
  return hold && payment ? { hold, payment } : null;
}

export async function retryPayment(
  tx: Tx,
  processor: Working['processor'],
  { hold, payment }: { readonly hold: Hold; readonly payment: Payment },
  card: Card & { readonly saveMethod: boolean | null },
): Promise<void> {
  await requireCard(tx, processor, card);
  payment.again(card.paymentMethodId);
  payment.saveMethod = card.saveMethod ?? payment.saveMethod;
  await queueStep(tx, hold, payment, card.testCard);
}

/** Asks the processor to end it; it may answer that the money came meanwhile. */
export async function endPayment(tx: Tx, hold: Hold, payment: Payment, how: 'expired' | 'cancelled'): Promise<void> {
  payment.end(how);
  await tx.em.flush();
  await queueStep(tx, hold, payment, endingReason);
}

/** It was to end and could not while a bank worked on it; nothing where that is being asked for already. */
export async function endAgain(tx: Tx, hold: Hold, payment: Payment): Promise<void> {
  const text = `select 1 as one from money_operations where payment_id = $1 and kind = 'payment' and reason = $2
     and state in ('queued', 'in_flight', 'unknown')`;
  if ((await tx.query(text, [payment.id, endingReason])).length > 0) return;
  await queueStep(tx, hold, payment, endingReason);
}

/** No card is called that: it begins nothing. */
export const endingReason = 'end';

/** A card of nobody's is known to this one call and kept nowhere. */
async function queueStep(tx: Tx, hold: Hold, payment: Payment, testCard: string | null): Promise<void> {
  const { id: paymentId, amountMinor: gross } = payment;
  await queueOperation(tx, hold, {
    kind: 'payment',
    amount: payment.total(),
    gross,
    paymentId,
    reason: testCard ?? '',
  });
}
