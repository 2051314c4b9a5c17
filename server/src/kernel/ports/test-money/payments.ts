import { strike } from '../../faults.ts';
import type { Again, PaymentOrder, PaymentResult, PaymentState } from '../processor.ts';
import type { TestMoneyObjects, TestObject } from './objects.ts';

/** What somebody decides about a payment that waits. */
export type TestOutcome =
  'succeed' | 'decline' | 'challenge' | 'chargeback' | 'chargeback_won' | 'chargeback_lost' | 'refund_returned';

const open = ['processing', 'requires_action', 'declined'] as const;
const slowSeconds = 5;

/** Without a method a payment waits for the hand that drives it. */
const firstStates: Readonly<Record<string, string>> = {
  tm_card_ok: 'succeeded',
  tm_card_declined: 'declined',
  tm_card_challenge: 'requires_action',
};

function firstState(methodId: string | null): string {
  // Saved methods are named after the card they were made of.
  const card = Object.keys(firstStates).find((name) => methodId?.startsWith(name));
  return (card && firstStates[card]) ?? 'processing';
}

export async function start(objects: TestMoneyObjects, order: PaymentOrder): Promise<PaymentResult> {
  const object = await objects.make('payment', {
    ...order,
    parentId: order.paymentId,
    status: firstState(order.methodId),
    // A new card stays with the customer once it has paid, if that was wished.
    detail: { method: order.methodId ?? '', keeper: (order.saveMethod && order.customerId) || '' },
  });
  strike('accepted');
  return { status: 'known', payment: asPayment(object) };
}

export async function read(objects: TestMoneyObjects, id: string): Promise<PaymentState | null> {
  const object = await objects.find(id);
  return object && asPayment(object);
}

export async function confirm(
  objects: TestMoneyObjects,
  id: string,
  { methodId, keptBy }: Again,
): Promise<PaymentResult> {
  await objects.move(id, open, firstState(methodId), { method: methodId ?? '', keeper: keptBy ?? '' });
  const payment = await read(objects, id);
  return payment ? { status: 'known', payment } : { status: 'refused', code: 'missing', message: 'No such payment.' };
}

export async function cancel(objects: TestMoneyObjects, id: string): Promise<PaymentState> {
  await objects.move(id, open, 'cancelled');
  const payment = await read(objects, id);
  if (!payment) throw new Error('no such payment');
  return payment;
}

const outcomes: Partial<Record<TestOutcome, string>> = {
  succeed: 'succeeded',
  decline: 'declined',
  challenge: 'requires_action',
};

/** Said again under its command id it was done, whatever came after it. */
export async function drive(
  objects: TestMoneyObjects,
  paymentId: string,
  outcome: TestOutcome,
  commandId = '',
): Promise<boolean> {
  const object = await objects.findChild('payment', paymentId);
  if (!object) return false;
  const to = outcomes[outcome];
  if (to !== undefined) {
    if (commandId !== '' && object.detail['saidBy'] === commandId) return true;
    if (to !== 'succeeded' && asPayment(object).status === 'succeeded') return false;
    return objects.move(object.id, [...open], to, { saidBy: commandId });
  }
  if (outcome === 'chargeback') return chargeBack(objects, object);
  if (outcome === 'refund_returned') return returnRefund(objects, object);
  const chargeback = await objects.findChild('chargeback', object.id);
  if (!chargeback) return false;
  return objects.move(chargeback.id, ['open'], outcome === 'chargeback_won' ? 'won' : 'lost');
}

/** Once, of what is left of the payment and its fee: no bank takes back what was given back before. */
async function chargeBack(objects: TestMoneyObjects, payment: TestObject): Promise<boolean> {
  if (asPayment(payment).status !== 'succeeded' || payment.amountMinor === null || payment.currency === null)
    return false;
  const { id: parentId, currency } = payment;
  const given = await refundsOf(objects, parentId);
  const amountMinor = given.reduce((left, refund) => left - (refund.amountMinor ?? 0n), payment.amountMinor);
  if (amountMinor <= 0n) return false;
  const key = `chargeback ${parentId}`;
  const made = await objects.make('chargeback', {
    idempotencyKey: key,
    parentId,
    amountMinor,
    currency,
    status: 'open',
  });
  return made.status === 'open';
}

/** The newest refund that the client's bank took is sent back. */
async function returnRefund(objects: TestMoneyObjects, payment: TestObject): Promise<boolean> {
  const given = (await refundsOf(objects, payment.id)).at(-1);
  return given !== undefined && objects.move(given.id, ['succeeded'], 'failed');
}

/** What reached the client's bank of a payment, the oldest first. */
async function refundsOf(objects: TestMoneyObjects, paymentId: string): Promise<TestObject[]> {
  const refunds = await objects.list(new Date(0), ['refund']);
  return refunds.filter(({ detail, status }) => detail['payment'] === paymentId && status === 'succeeded');
}

export function asPayment(object: TestObject): PaymentState {
  const isSlowAndDone =
    object.status === 'processing' &&
    object.detail['method']?.startsWith('tm_card_slow') &&
    object.ageSeconds >= slowSeconds;
  const status = (isSlowAndDone ? 'succeeded' : object.status) as PaymentState['status'];
  const isDeclined = status === 'declined';
  return {
    amountMinor: object.amountMinor ?? 0n,
    currency: object.currency ?? 'USD',
    processorPaymentId: object.id,
    paymentId: object.parentId,
    status,
    declineCode: isDeclined ? 'card_declined' : null,
    declineMessage: isDeclined ? 'The card was declined.' : null,
    chargeId: status === 'succeeded' ? `${object.id}_charge` : null,
    feeMinor: status === 'succeeded' ? costOf(object.amountMinor ?? 0n) : null,
    availableAt: status === 'succeeded' ? object.createdAt : null,
    // Nobody gives anything of it back by hand.
    refundedMinor: 0n,
  };
}

/** About what a card costs: 2.9 %. */
function costOf(amount: bigint): bigint {
  return (amount * 29n) / 1_000n;
}
