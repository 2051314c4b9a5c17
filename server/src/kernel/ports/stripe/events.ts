import type Stripe from 'stripe';
import { z } from 'zod';
import type { StripeEndpoint } from './client.ts';

/** What Stripe says by itself, as far as it is kept: which object to read again. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  /** A charge is named by its payment: that is what is read. */
  readonly objectId: string | null;
  readonly accountId: string | null;
  readonly livemode: boolean;
  /** Null where the event carries no object. */
  readonly apiVersion: string | null;
}

const toleranceSeconds = 300;
const object = z.looseObject({
  id: z.string().optional(),
  object: z.string().optional(),
  payment_intent: z.string().nullish(),
});
const snapshot = z.looseObject({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  livemode: z.boolean(),
  api_version: z.string().nullish(),
  account: z.string().nullish(),
  data: z.looseObject({ object }),
});
const thin = z.looseObject({
  id: z.string().min(1).max(255),
  object: z.literal('v2.core.event'),
  type: z.string().min(1).max(255),
  livemode: z.boolean(),
  related_object: z.looseObject({ id: z.string() }).nullish(),
});

/** Null: nobody who knows this endpoint's secret has said this, exactly this, within five minutes. */
export function readEvent(
  stripe: Stripe,
  endpoint: StripeEndpoint,
  secret: string,
  body: string,
  signature: string,
): StripeEvent | null {
  // The library looks for old ones only.
  if (secondsAhead(signature) > toleranceSeconds) return null;
  try {
    return endpoint === 'thin'
      ? fromThin(stripe.parseEventNotification(body, signature, secret, toleranceSeconds))
      : fromSnapshot(stripe.webhooks.constructEvent(body, signature, secret, toleranceSeconds));
  } catch (error) {
    // A signature that does not hold, what is no event, or a thin one at a door for whole ones.
    if (error instanceof Error) return null;
    throw error;
  }
}

function fromSnapshot(said: unknown): StripeEvent {
  const { id, type, livemode, api_version: apiVersion, account, data } = snapshot.parse(said);
  const isCharge = data.object.object === 'charge';
  return {
    ...{ id, type, livemode },
    objectId: (isCharge ? data.object.payment_intent : data.object.id) ?? null,
    accountId: account ?? null,
    apiVersion: apiVersion ?? '',
  };
}

function fromThin(said: unknown): StripeEvent {
  const { id, type, livemode, related_object: related } = thin.parse(said);
  const accountId = related?.id ?? null;
  return { id, type, livemode, objectId: accountId, accountId, apiVersion: null };
}

/** What the platform is told of, and this program listens to: a list of Stripe's takes no more than twenty names. */
const listened = [
  ...[
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
    'payment_intent.requires_action',
    'payment_intent.canceled',
  ],
  ...['charge.updated', 'charge.refunded', 'charge.dispute.created', 'charge.dispute.updated', 'charge.dispute.closed'],
  ...[
    'charge.dispute.funds_withdrawn',
    'charge.dispute.funds_reinstated',
    'refund.created',
    'refund.updated',
    'refund.failed',
  ],
  ...['transfer.created', 'transfer.reversed', 'setup_intent.succeeded', 'setup_intent.setup_failed'],
];

/** Everything the platform was or should have been told since a moment: whatever became of the telling. */
export async function* listEvents(stripe: Stripe, since: Date): AsyncGenerator<StripeEvent> {
  const created = { gte: Math.floor(since.getTime() / 1_000) };
  for await (const event of stripe.events.list({ types: listened, created, limit: 100 })) {
    // Written in the version of the account: it only names what is read again.
    yield { ...fromSnapshot(event), apiVersion: null };
  }
}

function secondsAhead(signature: string): number {
  const at = Number(/(?:^|,)t=(\d{1,12})(?:,|$)/.exec(signature)?.[1] ?? 0);
  return at - Date.now() / 1_000;
}
