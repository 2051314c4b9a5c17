import Stripe from 'stripe';
import { strike } from '../../faults.ts';
import type { PaymentOrder, PaymentResult, PaymentState, Processor, Sought } from '../processor.ts';
import { groupOf, idOf, isOurs, isReplayedFault, messageOf, moneyOf, orNull, unitsOf } from './client.ts';

type Payments = Pick<
  Processor,
  'startPayment' | 'readPayment' | 'confirmPayment' | 'cancelPayment' | 'clientSecret' | 'findPayment'
>;

/** The fee is known only with the balance transaction, which comes after the payment. */
const expand = ['latest_charge.balance_transaction'];

export function paymentMethods(stripe: Stripe): Payments {
  const read = async (id: string) => {
    const intent = await orNull(stripe.paymentIntents.retrieve(id, { expand }));
    // Another product that shares the account may be paid in what is no currency here.
    const isForeign = intent && !isOurs(intent.currency) && intent.metadata['payment_id'] === undefined;
    return intent && !isForeign ? asPayment(intent) : null;
  };
  /** Answers what it is now when it cannot be done any more. */
  const settled = async (id: string, asked: Promise<Stripe.PaymentIntent>): Promise<PaymentResult> => {
    try {
      return { status: 'known', payment: asPayment(await asked) };
    } catch (error) {
      // Its own key stands for the beginning of it: what is asked for was done with that.
      const isDone = isOver(error) || error instanceof Stripe.errors.StripeIdempotencyError;
      const payment = isDone ? await read(id) : null;
      return payment ? { status: 'known', payment } : refusalOf(error);
    }
  };
  return {
    async startPayment(order) {
      try {
        const intent = await stripe.paymentIntents.create(newIntent(order), { idempotencyKey: order.idempotencyKey });
        strike('accepted');
        return { status: 'known', payment: asPayment(intent) };
      } catch (error) {
        return refusalOf(error);
      }
    },
    readPayment: read,
    async confirmPayment(id, { methodId, keptBy }, idempotencyKey) {
      // Without a card the browser goes on by itself.
      if (methodId === null) return settled(id, stripe.paymentIntents.retrieve(id, { expand }));
      const keeping = { setup_future_usage: keptBy === null ? '' : 'off_session' } as const;
      const params = { payment_method: methodId, ...keeping, expand };
      return settled(id, stripe.paymentIntents.confirm(id, params, { idempotencyKey }));
    },
    async cancelPayment(id, idempotencyKey) {
      const params = { cancellation_reason: 'abandoned', expand } as const;
      const result = await settled(id, stripe.paymentIntents.cancel(id, params, { idempotencyKey }));
      if (result.status === 'known') return result.payment;
      throw new Error(result.message);
    },
    async clientSecret(id) {
      return (await orNull(stripe.paymentIntents.retrieve(id)))?.client_secret ?? null;
    },
    findPayment: (sought) => findPayment(stripe, sought, read),
  };
}

function newIntent(order: PaymentOrder): Stripe.PaymentIntentCreateParams {
  return {
    ...unitsOf(order),
    transfer_group: groupOf(order.holdId),
    // The server confirms as well, so no method may lead to another page.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    description: order.description,
    metadata: {
      money_op_id: order.operationId,
      payment_id: order.paymentId,
      hold_id: order.holdId,
      milestone_id: order.milestoneId,
    },
    ...(order.customerId !== null && { customer: order.customerId }),
    ...(order.saveMethod && { setup_future_usage: 'off_session' }),
    ...(order.methodId !== null && { payment_method: order.methodId, confirm: true }),
    expand,
  };
}

async function findPayment(
  stripe: Stripe,
  { processorPaymentId, operationId }: Sought,
  read: (id: string) => Promise<PaymentState | null>,
): Promise<PaymentState | null> {
  if (processorPaymentId !== null) return read(processorPaymentId);
  // Not before its operation was committed; how long after, whoever sends it decides.
  const created = { gte: secondsOf(operationId) - clocksDiffer };
  for await (const intent of stripe.paymentIntents.list({
    created,
    limit: 100,
    expand: expand.map((it) => `data.${it}`),
  })) {
    if (intent.metadata['money_op_id'] === operationId) return asPayment(intent);
  }
  return null;
}

/** A processor's clock may be behind ours by this much. */
const clocksDiffer = 3_600;

/** Our ids begin with the moment at which they were made (RFC 9562, version 7). */
function secondsOf(operationId: string): number {
  return Math.floor(Number.parseInt(operationId.replaceAll('-', '').slice(0, 12), 16) / 1_000);
}

/** A payment that was declined is known; another refusal made none. */
function refusalOf(error: unknown): PaymentResult {
  if (error instanceof Stripe.errors.StripeCardError) {
    const intent = error.payment_intent;
    if (intent) return { status: 'known', payment: asPayment(intent) };
    return { status: 'refused', code: error.decline_code ?? error.code ?? 'card_declined', message: error.message };
  }
  // A key that was used for something else says nothing about what it was used for.
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    return { status: 'refused', code: error.code ?? 'invalid_request', message: error.message };
  }
  return { status: 'unknown', message: messageOf(error), isKept: isReplayedFault(error) };
}

function isOver(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === 'payment_intent_unexpected_state';
}

export function asPayment(intent: Stripe.PaymentIntent): PaymentState {
  const status = statusOf(intent);
  const failure = intent.last_payment_error;
  const isDeclined = status === 'declined';
  return {
    ...moneyOf(status === 'succeeded' ? intent.amount_received : intent.amount, intent.currency),
    processorPaymentId: intent.id,
    paymentId: intent.metadata['payment_id'] ?? null,
    status,
    declineCode: isDeclined ? (failure?.decline_code ?? failure?.code ?? 'card_declined') : null,
    declineMessage: isDeclined ? (failure?.message ?? 'The card was declined.') : null,
    chargeId: status === 'succeeded' ? idOf(intent.latest_charge) : null,
    feeMinor: status === 'succeeded' ? feeOf(intent) : null,
    availableAt: status === 'succeeded' ? availableAtOf(intent) : null,
    refundedMinor: refundedOf(intent),
  };
}

/** What Stripe adds one day is under way, as far as we know. */
function statusOf({ status, last_payment_error: failure }: Stripe.PaymentIntent): PaymentState['status'] {
  if (status === 'succeeded') return 'succeeded';
  if (status === 'requires_action') return 'requires_action';
  if (status === 'canceled') return 'cancelled';
  if (status === 'requires_payment_method') return failure ? 'declined' : 'requires_method';
  return status === 'requires_confirmation' ? 'requires_method' : 'processing';
}

/** Null until it is booked at Stripe, and where it is kept in another currency than was paid. */
function feeOf(intent: Stripe.PaymentIntent): bigint | null {
  const booked = bookedOf(intent);
  return booked?.currency === intent.currency ? moneyOf(booked.fee, booked.currency).amountMinor : null;
}

function refundedOf({ latest_charge: charge }: Stripe.PaymentIntent): bigint {
  if (charge === null || typeof charge !== 'object') return 0n;
  return moneyOf(charge.amount_refunded, charge.currency).amountMinor;
}

function availableAtOf(intent: Stripe.PaymentIntent): Date | null {
  const booked = bookedOf(intent);
  return booked ? new Date(booked.available_on * 1_000) : null;
}

function bookedOf({ latest_charge: charge }: Stripe.PaymentIntent): Stripe.BalanceTransaction | null {
  const booked = charge !== null && typeof charge === 'object' ? charge.balance_transaction : null;
  return booked !== null && typeof booked === 'object' ? booked : null;
}
