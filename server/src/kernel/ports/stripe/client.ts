import { createHash, randomUUID } from 'node:crypto';
import { fromProcessorUnits, toProcessorUnits } from '@safesend/shared/escrow/fees.ts';
import { currency as currencyShape, type Currency } from '@safesend/shared/money.ts';
import Stripe from 'stripe';
import type { Money, OperationResult } from '../processor.ts';

export interface StripeSettings {
  readonly secretKey: string;
  readonly publishableKey: string | undefined;
  /** Another address than Stripe's own. */
  readonly apiBase: string | undefined;
  /** A test stands in for Stripe's browser library as well: pages take cards although the address is another one. */
  readonly standsIn?: boolean;
  readonly secrets: Readonly<Record<StripeEndpoint, string | undefined>>;
}
/** The three addresses Stripe sends to, each with a secret of its own. */
export type StripeEndpoint = 'platform' | 'connect' | 'thin';

/** Answers within this, with one try more under the same key, come before an operation counts as in doubt. */
const patience = { timeout: 10_000, maxNetworkRetries: 1 };

export function openClient({ secretKey, apiBase }: StripeSettings): Stripe {
  return new Stripe(secretKey, { ...patience, ...baseOf(apiBase), telemetry: false });
}

/** What is not Stripe itself has no page for the browser library to talk to. */
export function isOwnBase(apiBase: string | undefined): boolean {
  return apiBase === undefined || new URL(apiBase).hostname === 'api.stripe.com';
}

function baseOf(apiBase: string | undefined) {
  if (apiBase === undefined) return {};
  const { hostname: host, port, protocol } = new URL(apiBase);
  const scheme = protocol === 'http:' ? ('http' as const) : ('https' as const);
  return { host, protocol: scheme, port: port === '' ? (scheme === 'http' ? 80 : 443) : Number(port) };
}

/** Everything of one hold is found under this name. */
export const groupOf = (holdId: string) => `${groupPrefix}${holdId}`;
const groupPrefix = 'ss_hold_';

/** Null: of no hold of ours. */
export function holdOf(group: string | null | undefined): string | null {
  return group?.startsWith(groupPrefix) === true ? group.slice(groupPrefix.length) : null;
}

export function unitsOf({ amountMinor, currency }: Money): { amount: number; currency: string } {
  return { amount: Number(toProcessorUnits(amountMinor, currency)), currency: currency.toLowerCase() };
}

/** An amount that is no whole number of ours is none: whoever compares it sees that it is not what was asked. */
export function moneyOf(units: number, of: string): Money {
  const currency: Currency = currencyShape.parse(of.toUpperCase());
  return { amountMinor: fromProcessorUnits(BigInt(units), currency) ?? 0n, currency };
}

/** Of what may be another product's: as it is there where the currency is none of ours. */
export function anyMoneyOf(units: number, of: string): { amountMinor: bigint; currency: string } {
  return isOurs(of) ? moneyOf(units, of) : { amountMinor: BigInt(units), currency: of.toUpperCase() };
}

/** Is it a currency that a project may be kept in? */
export function isOurs(of: string): boolean {
  return currencyShape.safeParse(of.toUpperCase()).success;
}

/** For a key of what is made once for a person: a key answers only to the same words, and he may have changed them. */
export function saidOf({ email, name }: { readonly email: string; readonly name: string }): string {
  return createHash('sha256').update(`${email}\n${name}`).digest('hex').slice(0, 16);
}

export function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}

/** Stripe's "there is no such thing" as null; everything else is thrown on. */
export async function orNull<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') return null;
    throw error;
  }
}

/** An account that is not there, or that its owner disconnected, as null. A key that may not ask at all says nothing about it. */
export async function orGone<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && (error.statusCode === 404 || error.code === 'account_invalid');
}

const notNow: Readonly<Record<string, 'account' | 'balance'>> = {
  account_closed: 'account',
  account_invalid: 'account',
  insufficient_capabilities_for_transfer: 'account',
  transfers_not_allowed: 'account',
  payouts_not_allowed: 'account',
  balance_insufficient: 'balance',
  insufficient_funds: 'balance',
};

/**
 * What an error says about a call that moves money. Only what Stripe refused before it did anything is `failed` or
 * `waiting`: those get a new key. Timeouts, conflicts of keys, too many requests and faults may hide a success.
 */
export function outcomeOf(error: unknown): OperationResult {
  if (!(error instanceof Stripe.errors.StripeError)) return { status: 'unknown', message: messageOf(error) };
  const { code = error.type, message } = error;
  const reason = notNow[code];
  if (reason) return { status: 'waiting', reason, message };
  const isRefused =
    error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError;
  return isRefused ? { status: 'failed', objectId: null, code, message } : { status: 'unknown', message };
}

/** A stored fault: the key answers it for a day, however often it is sent. */
export function isReplayedFault(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 0) < 500) return false;
  return error.headers?.['idempotent-replayed'] === 'true';
}

/**
 * What is made once for a person. Where Stripe keeps a fault under its key, another one is used at once: what may have been made
 * with the first is known to nobody and harms nobody.
 */
export async function makeOnce<Made>(key: string, make: (idempotencyKey: string) => Promise<Made>): Promise<Made> {
  try {
    return await make(key);
  } catch (error) {
    if (!isReplayedFault(error)) throw error;
    return make(`${key}_${randomUUID()}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no answer';
}
