import { strike } from '../../../kernel/faults.ts';
import type { Again, PaymentResult, PaymentState } from '../../../kernel/ports/processor.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { Hold, Payment } from '../entity.ts';
import { applyPayment, notePayment } from './applying.ts';
import { lockedHold, type Working } from './owner.ts';
import { endingReason } from './payments.ts';
import type { OperationRow } from './queue.ts';
import { lockTaken } from './taking.ts';

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
    await lockedHold(tx, deps, payment.holdId);
    if (!(await lockTaken(tx, operation))) return;
    const state = result.status === 'unknown' ? 'unknown' : 'succeeded';
    await tx.query(
      `update money_operations set state = $2, error = $3, settled_at = case when $2 = 'succeeded' then $4::timestamptz end
       where id = $1`,
      [operation.id, state, result.status === 'known' ? null : result.message, tx.now],
    );
    if (result.status === 'known') await applyPayment(tx, deps, { ...result.payment, paymentId: payment.id });
    if (result.status === 'refused') await notePayment(tx, deps, payment.id, result);
  });
  strike('recorded');
  const isPaid = result.status === 'known' && result.payment.status === 'succeeded';
  return isPaid ? result.payment.processorPaymentId : null;
}

async function step(deps: Working, em: Em, operation: OperationRow, payment: Payment): Promise<PaymentResult> {
  const { processor } = deps;
  const { processorPaymentId } = payment;
  if (payment.ending) {
    if (processorPaymentId) return { status: 'known', payment: await cancel(deps, operation, processorPaymentId) };
    return endStarts(deps, em, operation, payment);
  }
  if (operation.key_is_old) return readOld(deps, operation, payment);
  const methodId = operation.reason === '' ? await findMethod(em, payment) : operation.reason;
  if (processorPaymentId) {
    const keptBy = payment.saveMethod ? await customerOf(deps, em, payment.payerId) : null;
    return confirm(deps, operation, processorPaymentId, { methodId, keptBy });
  }
  const found = operation.in_doubt ? await find(deps, operation, payment) : null;
  if (found) return { status: 'known', payment: found };
  if (await isOver(em, payment)) return notBegun;
  const hold = await em.findOneOrFail(Hold, payment.holdId);
  const result = await processor.startPayment({
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
  return isHopeless(operation, result) ? notTaken : result;
}

/** What is over is ended once, so each try has a key of its own: under an old one a refusal or a fault would stand for a day. */
function cancel({ processor }: Working, { id, attempts }: OperationRow, processorPaymentId: string) {
  return processor.cancelPayment(processorPaymentId, `end_${id}.${attempts}_${processorPaymentId}`);
}

/** What it answered at first is all it will ever say, and half a minute later there is nothing behind it. */
function isHopeless({ in_doubt: isInDoubt }: OperationRow, result: PaymentResult): boolean {
  return isInDoubt && result.status === 'unknown' && result.isKept === true;
}
const notTaken: PaymentResult = { status: 'refused', code: 'processing_error', message: 'It could not be processed.' };

/** Where that has no answer for good, what the payment is now says what became of it. */
async function confirm(
  { processor }: Working,
  operation: OperationRow,
  id: string,
  card: Again,
): Promise<PaymentResult> {
  const result = await processor.confirmPayment(id, card, operation.idempotency_key);
  if (!isHopeless(operation, result)) return result;
  const payment = await processor.readPayment(id);
  return payment && payment.status !== 'requires_method' ? { status: 'known', payment } : notTaken;
}

const notBegun: PaymentResult = { status: 'refused', code: 'expired', message: 'It was not begun in time.' };

/** A key that may be forgotten is not used again: it could be a second charge. What was not begun by now is not begun. */
async function readOld(deps: Working, operation: OperationRow, payment: Payment): Promise<PaymentResult> {
  const found = await find(deps, operation, payment);
  return found ? { status: 'known', payment: found } : notBegun;
}

/** Whoever pays has been told by then that nothing will come of it. */
async function isOver(em: Em, { expiresAt }: Payment): Promise<boolean> {
  return (await queryOne(em, 'select 1 as one where $1::timestamptz <= product_now()', [expiresAt])) !== null;
}

/**
 * Ends what was begun without an answer so far, each time that it was. The processor knows each by the operation that
 * began it; one that has been paid meanwhile is the one that counts.
 */
async function endStarts(deps: Working, em: Em, operation: OperationRow, payment: Payment): Promise<PaymentResult> {
  const starts = await query<Pick<OperationRow, 'id' | 'state'>>(
    em,
    `select id, state from money_operations
     where payment_id = $1 and kind = 'payment' and attempts > 0 and reason <> $2 order by seq`,
    [payment.id, endingReason],
  );
  const ended: PaymentState[] = [];
  let isComing = false;
  for (const start of starts) {
    const found = await find(deps, start, payment);
    if (found) ended.push(await cancel(deps, operation, found.processorPaymentId));
    // It may reach the processor yet: only whoever sent it learns that it did not.
    else if (start.id !== operation.id && ['in_flight', 'unknown'].includes(start.state)) isComing = true;
  }
  const paid = ended.find(({ status }) => status === 'succeeded');
  if (paid) return { status: 'known', payment: paid };
  if (isComing) return { status: 'unknown', message: 'It is being started.' };
  const last = ended.at(-1);
  if (last) return { status: 'known', payment: last };
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
