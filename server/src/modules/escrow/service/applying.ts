import { holdDays } from '@safesend/shared/projects/limits.ts';
import type { PaymentState } from '../../../kernel/ports/processor.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { Payment, type Hold } from '../entity.ts';
import { presentPaymentToRoom } from '../present.ts';
import { bookingOf, bookProcessorFee, movementOf } from './booking.ts';
import { book, isBooked } from './ledger.ts';
import { lockedHold, type MoneyDeps } from './owner.ts';
import { endAgain } from './payments.ts';

type Applying = Pick<MoneyDeps, 'owner' | 'log'>;

/**
 * Makes of a payment what the processor says it is now. In any order, however often: what is true already changes
 * nothing, and what does not match what was asked funds nothing.
 */
export async function applyPayment(tx: Tx, deps: Applying, state: PaymentState): Promise<void> {
  const known = await findPayment(tx, state);
  if (!known) return deps.log.warn({ payment: state.processorPaymentId }, 'a payment that is not ours');
  const hold = await lockedHold(tx, deps, known.hold_id);
  const payment = await tx.em.findOneOrFail(Payment, known.id, { refresh: true });
  if (state.paymentId !== null && state.paymentId !== payment.id)
    return flag(deps, payment, 'says it is another payment');
  payment.processorPaymentId ??= state.processorPaymentId;
  if (payment.processorPaymentId !== state.processorPaymentId) return flag(deps, payment, 'another payment');
  if (state.status === 'succeeded') return succeed(tx, deps, hold, payment, state);
  if (payment.status === 'succeeded') return;
  if (payment.ending && payment.isOpen() && isHeldByNobody(state)) return endAgain(tx, hold, payment);
  if (state.status === 'declined' && payment.isOpen()) {
    payment.declineCode = state.declineCode;
    payment.declineMessage = state.declineMessage;
    if (payment.status !== 'declined') await decline(tx, deps, hold, payment);
  } else if (state.status === 'requires_action' && (payment.status === 'processing' || payment.status === 'declined')) {
    // In the browser another card may follow a declined one in the same payment.
    payment.declineCode = payment.declineMessage = null;
    payment.status = 'requires_action';
    await deps.owner.waits(tx, hold, { reason: 'challenge', on: 'client', paymentId: payment.id });
  } else if (state.status === 'processing' && payment.status === 'requires_action') {
    payment.status = 'processing';
    await deps.owner.waits(tx, hold, null);
  } else if (state.status === 'cancelled' && payment.isOpen()) await end(tx, deps, hold, payment);
}

/** While a bank works on it nobody can end it: it is asked for again once that has said no. */
function isHeldByNobody({ status }: PaymentState): boolean {
  return status === 'declined' || status === 'requires_action' || status === 'requires_method';
}

/** The processor refused to take the payment at all, or never heard of one that is to end. */
export async function notePayment(
  tx: Tx,
  deps: Applying,
  paymentId: string,
  refusal: { readonly code: string; readonly message: string },
): Promise<void> {
  const at = await queryOne<{ hold_id: string }>(tx.em, 'select hold_id from payments where id = $1', [paymentId]);
  if (!at) return;
  const hold = await lockedHold(tx, deps, at.hold_id);
  const payment = await tx.em.findOneOrFail(Payment, paymentId, { refresh: true });
  if (!payment.isOpen()) return;
  if (payment.ending) return end(tx, deps, hold, payment);
  payment.declineCode = refusal.code;
  payment.declineMessage = refusal.message;
  await decline(tx, deps, hold, payment);
}

async function succeed(tx: Tx, deps: Applying, hold: Hold, payment: Payment, state: PaymentState): Promise<void> {
  if (state.amountMinor !== payment.total() || state.currency !== payment.currency) {
    const asked = `${payment.total()} ${payment.currency}`;
    flag(deps, payment, `${state.amountMinor} ${state.currency} instead of ${asked}`);
    // Somebody has looked, and given all of it back: nothing is paid, and the client can begin anew.
    if (payment.isOpen() && state.refundedMinor >= state.amountMinor) await end(tx, deps, hold, payment);
    return;
  }
  if (payment.status !== 'succeeded') await fund(tx, deps, hold, payment, state);
  // Of several payments the last one to arrive.
  if ((state.availableAt ?? new Date(0)) > (hold.availableAt ?? new Date(0))) hold.availableAt = state.availableAt;
  await bookFee(tx, hold, state);
}

async function fund(tx: Tx, deps: Applying, hold: Hold, payment: Payment, state: PaymentState): Promise<void> {
  const { amountMinor: amount, feeMinor: serviceFee } = payment;
  payment.status = 'succeeded';
  payment.chargeId = state.chargeId;
  payment.settledAt = tx.now;
  hold.fund({ amount, serviceFee, until: new Date(tx.now.getTime() + holdDays * 86_400_000), now: tx.now });
  hold.processorPaymentId ??= state.processorPaymentId;
  hold.chargeId ??= state.chargeId;
  const movement = movementOf(hold, amount, 0n);
  const { fact, isWanted } = await deps.owner.funded(tx, hold, presentPaymentToRoom(payment, hold), movement);
  await book(tx, bookingOf(movement, 'funding', hold, null, fact, state.processorPaymentId), [
    { account: 'processor_balance', amountMinor: amount + serviceFee },
    { account: 'hold', ownerId: hold.id, amountMinor: -amount },
    { account: 'service_fee', amountMinor: -serviceFee },
  ]);
  if (!isWanted) await deps.owner.giveBack(tx, hold, amount);
}

/** Known with the payment or later; once per charge. */
async function bookFee(tx: Tx, hold: Hold, { feeMinor, chargeId }: PaymentState): Promise<void> {
  if (feeMinor === null || feeMinor === 0n || chargeId === null) return;
  if (await isBooked(tx, chargeId, 'processor_fee')) return;
  await bookProcessorFee(tx, hold, { account: 'processor_fee', feeMinor, objectId: chargeId });
}

async function decline(tx: Tx, deps: Applying, hold: Hold, payment: Payment): Promise<void> {
  payment.status = 'declined';
  await deps.owner.paymentFailed(tx, hold, presentPaymentToRoom(payment, hold));
}

async function end(tx: Tx, deps: Applying, hold: Hold, payment: Payment): Promise<void> {
  payment.status = payment.ending ?? 'cancelled';
  payment.settledAt = tx.now;
  await deps.owner.paymentEnded(tx, hold, presentPaymentToRoom(payment, hold));
}

/** A person must look: nothing is funded by what was not asked for. */
function flag({ log }: Applying, payment: Payment, mismatch: string): void {
  payment.mismatch = mismatch;
  log.error({ paymentId: payment.id, mismatch }, 'a payment does not match what was asked');
}

async function findPayment(tx: Tx, state: PaymentState): Promise<{ id: string; hold_id: string } | null> {
  const text = 'select id, hold_id from payments where';
  const known = await queryOne<{ id: string; hold_id: string }>(tx.em, `${text} processor_payment_id = $1`, [
    state.processorPaymentId,
  ]);
  if (known || state.paymentId === null) return known;
  return queryOne(tx.em, `${text} id = $1`, [state.paymentId]);
}
