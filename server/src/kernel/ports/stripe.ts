import Stripe from 'stripe';
import type { Env } from '../env.ts';
import type { Processor } from './processor.ts';
import { accountMethods } from './stripe/accounts.ts';
import { isOwnBase, openClient, type StripeEndpoint, type StripeSettings } from './stripe/client.ts';
import { listEvents, readEvent, type StripeEvent } from './stripe/events.ts';
import { listReturned, listingMethods } from './stripe/listing.ts';
import { moveMethods } from './stripe/moves.ts';
import { paymentMethods } from './stripe/payments.ts';
import { peopleMethods } from './stripe/people.ts';

export type { StripeEndpoint } from './stripe/client.ts';
export type { StripeEvent } from './stripe/events.ts';

/** Money is paid to the platform, held there, and transferred: separate charges and transfers. */
export interface StripeProcessor extends Processor {
  readonly name: 'stripe';
  /** Is real money moved with this key? */
  readonly isLive: boolean;
  /** The version whose objects this program understands. */
  readonly apiVersion: string;
  /** Null: not said by Stripe, or not to this endpoint. */
  readEvent(endpoint: StripeEndpoint, body: string, signature: string): StripeEvent | null;
  /** What the platform was or should have been told since a moment, the newest first; Stripe keeps 30 days. */
  listEvents(since: Date): AsyncIterable<StripeEvent>;
  /** The refunds made since a moment that did not arrive. */
  listReturned(since: Date): Promise<readonly string[]>;
}

export function isStripe(processor: Processor): processor is StripeProcessor {
  return processor.name === 'stripe';
}

/** Stripe's own names of cards for tests; the server confirms with them where no browser library can. */
const namedMethods = [
  { methodId: 'pm_card_visa', label: 'Visa, succeeds' },
  { methodId: 'pm_card_mastercard', label: 'Mastercard, succeeds' },
  { methodId: 'pm_card_visa_chargeDeclined', label: 'Visa, is declined' },
  { methodId: 'pm_card_chargeCustomerFail', label: 'Visa, saved but declined when charged' },
  { methodId: 'pm_card_authenticationRequired', label: 'Visa, asks for a confirmation' },
  { methodId: 'pm_card_createDispute', label: 'Visa, succeeds and is charged back' },
] as const;

export function openStripe(settings: StripeSettings): StripeProcessor {
  const stripe = openClient(settings);
  const { secretKey, apiBase, publishableKey, standsIn, secrets } = settings;
  const isLive = /^[sr]k_live_/.test(secretKey);
  const hasBrowser = isOwnBase(apiBase) || (standsIn === true && publishableKey !== undefined);
  return {
    name: 'stripe',
    isTest: false,
    isLive,
    apiVersion: Stripe.API_VERSION,
    publishableKey: hasBrowser ? (publishableKey ?? null) : null,
    testMethods: hasBrowser ? [] : namedMethods,
    ...peopleMethods(stripe),
    ...paymentMethods(stripe),
    ...moveMethods(stripe),
    ...accountMethods(stripe),
    ...listingMethods(stripe),
    readEvent(endpoint, body, signature) {
      const secret = secrets[endpoint];
      return secret === undefined ? null : readEvent(stripe, endpoint, secret, body, signature);
    },
    listEvents: (since) => listEvents(stripe, since),
    listReturned: (since) => listReturned(stripe, since),
  };
}

/** Null where no key is set. */
export function stripeSettings(env: Env): StripeSettings | null {
  if (env.STRIPE_SECRET_KEY === undefined) return null;
  return {
    secretKey: env.STRIPE_SECRET_KEY,
    publishableKey: env.STRIPE_PUBLISHABLE_KEY,
    apiBase: env.STRIPE_API_BASE,
    standsIn: env.NODE_ENV === 'test',
    secrets: {
      platform: env.STRIPE_WEBHOOK_SECRET,
      connect: env.STRIPE_CONNECT_WEBHOOK_SECRET,
      thin: env.STRIPE_THIN_WEBHOOK_SECRET,
    },
  };
}
