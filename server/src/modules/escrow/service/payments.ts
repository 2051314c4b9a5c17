import { serviceFee, type FeeTerms } from '@safesend/shared/escrow/fees.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { paymentHours } from '@safesend/shared/projects/limits.ts';
import { strike } from '../../../kernel/faults.ts';
import type { PaymentResult } from '../../../kernel/ports/processor.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { lockHoldOf } from '../access.ts';
import { Hold, Payment } from '../entity.ts';
import { applyPayment, notePayment } from './applying.ts';
import type { Working } from './owner.ts';
import { queueOperation, type OperationRow } from './queue.ts';

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

function createHold(tx: Tx, processor: Working['processor'], funding: Funding): Hold {
  const { milestoneId, roomId, projectId, clientId, freelancerId, currency, fees } = funding;
  const nothing = {
    ...{ fundedMinor: 0n, heldMinor: 0n, frozenMinor: 0n, releasingMinor: 0n, refundingMinor: 0n },
    ...{ releasedMinor: 0n, refundedMinor: 0n, chargedBackMinor: 0n },
    ...{ platformFeeMinor: 0n, serviceFeeMinor: 0n, paidMinor: 0n },
    ...{ owedMinor: 0n, recoveredMinor: 0n, creditMinor: 0n },
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
  card: Card,
): Promise<void> {
  await requireCard(tx, processor, card);
  payment.again(card.paymentMethodId);
  await queueStep(tx, hold, payment, card.testCard);
}

/** Asks the processor to end it; it may answer that the money came meanwhile. */
export async function endPayment(tx: Tx, hold: Hold, payment: Payment, how: 'expired' | 'cancelled'): Promise<void> {
  payment.end(how);
  await tx.em.flush();
  await queueStep(tx, hold, payment, null);
}

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

/**
 * Brings a payment one step forward at the processor: start it, try it again, or end it, as its row says. Answers its name
 * there when it has gone through.
 */
export async function advancePayment(deps: Working, operation: OperationRow): Promise<string | null> {
  const em = deps.orm.em.fork() as Em;
  const payment = await em.findOneOrFail(Payment, operation.payment_id ?? '');
  const result = await step(deps, em, operation, payment).catch((error: unknown): PaymentResult => {
    deps.log.warn({ err: error, operationId: operation.id }, 'a payment has no answer');
    return { status: 'unknown', message: error instanceof Error ? error.message : 'no answer' };
  });
  strike('answered');
  await deps.transact({ id: null }, async (tx) => {
    if (result.status === 'known') await applyPayment(tx, deps, { ...result.payment, paymentId: payment.id });
    if (result.status === 'refused') await notePayment(tx, deps, payment.id, result);
    const state = result.status === 'unknown' ? 'unknown' : 'succeeded';
    await tx.query(
      `update money_operations set state = $2, error = $3, settled_at = case when $2 = 'succeeded' then $4::timestamptz end
       where id = $1 and state not in ('succeeded', 'failed')`,
      [operation.id, state, result.status === 'known' ? null : result.message, tx.now],
    );
  });
  strike('recorded');
  const isPaid = result.status === 'known' && result.payment.status === 'succeeded';
  return isPaid ? result.payment.processorPaymentId : null;
}

async function step(deps: Working, em: Em, operation: OperationRow, payment: Payment): Promise<PaymentResult> {
  const { processor } = deps;
  const { processorPaymentId } = payment;
  if (payment.ending) {
    if (processorPaymentId) return { status: 'known', payment: await processor.cancelPayment(processorPaymentId) };
    return endStart(deps, em, operation, payment);
  }
  if (operation.key_is_old) return readOld(deps, operation, payment);
  const methodId = operation.reason === '' ? await findMethod(em, payment) : operation.reason;
  if (processorPaymentId) return processor.confirmPayment(processorPaymentId, methodId, operation.idempotency_key);
  const found = operation.in_doubt ? await find(deps, operation, payment) : null;
  if (found) return { status: 'known', payment: found };
  const hold = await em.findOneOrFail(Hold, payment.holdId);
  return processor.startPayment({
    amountMinor: payment.total(),
    currency: payment.currency,
    operationId: operation.id,
    idempotencyKey: operation.idempotency_key,
    holdId: hold.id,
    milestoneId: hold.milestoneId,
    paymentId: payment.id,
    customerId: await customerOf(deps, em, payment.payerId),
    methodId,
    saveMethod: payment.saveMethod,
    description: `Milestone ${hold.milestoneId}`,
  });
}

/** A key that may be forgotten is not used again: it could be a second charge. What was not begun by now is not begun. */
async function readOld(deps: Working, operation: OperationRow, payment: Payment): Promise<PaymentResult> {
  const found = await find(deps, operation, payment);
  if (found) return { status: 'known', payment: found };
  return { status: 'refused', code: 'expired', message: 'It was not begun in time.' };
}

/** Ends what was begun without an answer so far. The processor knows it by the operation that began it. */
async function endStart(deps: Working, em: Em, operation: OperationRow, payment: Payment): Promise<PaymentResult> {
  const start = await queryOne<Pick<OperationRow, 'id' | 'state'>>(
    em,
    `select id, state from money_operations where payment_id = $1 and kind = 'payment' order by seq limit 1`,
    [payment.id],
  );
  const found = await find(deps, start ?? operation, payment);
  if (found) return { status: 'known', payment: await deps.processor.cancelPayment(found.processorPaymentId) };
  // It may reach the processor yet: only whoever sent it learns that it did not.
  if (start && start.id !== operation.id && ['in_flight', 'unknown'].includes(start.state))
    return { status: 'unknown', message: 'It is being started.' };
  return { status: 'refused', code: payment.ending ?? 'cancelled', message: 'It was never started.' };
}

async function find({ processor }: Working, { id: operationId }: Pick<OperationRow, 'id'>, payment: Payment) {
  return processor.findPayment({
    kind: 'payment',
    operationId,
    holdId: payment.holdId,
    objectId: null,
    processorPaymentId: payment.processorPaymentId ?? null,
    accountId: null,
  });
}

async function findMethod(em: Em, { paymentMethodId }: Payment): Promise<string | null> {
  if (!paymentMethodId) return null;
  const row = await queryOne<{ method_id: string }>(em, 'select method_id from payment_methods where id = $1', [
    paymentMethodId,
  ]);
  return row?.method_id ?? null;
}

/** What the processor calls this person; made once, by the same name however often it is asked. */
export async function customerOf({ processor }: Working, em: Em, userId: string): Promise<string> {
  const text = 'select customer_id from processor_customers where user_id = $1 and processor = $2';
  const known = await queryOne<{ customer_id: string }>(em, text, [userId, processor.name]);
  if (known) return known.customer_id;
  const person = await queryOne<{ email: string; name: string }>(
    em,
    'select u.email, p.display_name as name from users u join profiles p on p.user_id = u.id where u.id = $1',
    [userId],
  );
  const { customerId } = await processor.customer({ userId, email: person?.email ?? '', name: person?.name ?? '' });
  await query(
    em,
    'insert into processor_customers (user_id, processor, customer_id) values ($1, $2, $3) on conflict do nothing',
    [userId, processor.name, customerId],
  );
  return (await queryOne<{ customer_id: string }>(em, text, [userId, processor.name]))?.customer_id ?? customerId;
}
