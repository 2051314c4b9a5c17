import { z } from 'zod';

// What this program may say to Stripe, call by call. Anything else is answered 400, as Stripe answers what it does not know.
const int = z.coerce.number().int();
const amount = int.min(1).max(99_999_999);
const flag = z.enum(['true', 'false']).transform((it) => it === 'true');
const text = z.string().min(1).max(500);
const currency = z.string().regex(/^[a-z]{3}$/);
const metadata = z.record(z.string().max(40), z.string().max(500));
const expand = z.array(text).optional();
const named = <Prefix extends string>(prefix: Prefix) => z.string().startsWith(prefix);
const account = named('acct_');
const created = z.strictObject({ gte: int.optional(), lte: int.optional() });
const page = {
  limit: int.min(1).max(100).optional(),
  starting_after: text.optional(),
  created: created.optional(),
  expand,
};
const automatic = z.strictObject({ enabled: z.literal('true'), allow_redirects: z.literal('never') });

export const none = z.strictObject({});
export const list = z.strictObject(page);
export const listEvents = z.strictObject({ ...page, types: z.array(text).max(20) });
export const customer = z.strictObject({ email: z.email(), name: text, metadata });
export const listMethods = z.strictObject({
  type: z.literal('card'),
  limit: page.limit,
  starting_after: page.starting_after,
});
export const setupIntent = z.strictObject({
  customer: named('cus_'),
  usage: z.literal('off_session'),
  automatic_payment_methods: automatic,
  metadata,
  payment_method: named('pm_').optional(),
  confirm: flag.optional(),
});
export const paymentIntent = z.strictObject({
  amount,
  currency,
  customer: named('cus_').optional(),
  transfer_group: text,
  automatic_payment_methods: automatic,
  description: text,
  metadata,
  setup_future_usage: z.literal('off_session').optional(),
  payment_method: named('pm_').optional(),
  confirm: flag.optional(),
  expand,
});
export const confirmIntent = z.strictObject({
  payment_method: named('pm_'),
  setup_future_usage: z.enum(['off_session', '']).optional(),
  expand,
});
export const cancelIntent = z.strictObject({ cancellation_reason: z.literal('abandoned'), expand });
export const retrieve = z.strictObject({ expand });
export const transfer = z.strictObject({
  amount,
  currency,
  destination: account,
  source_transaction: named('ch_').optional(),
  transfer_group: text,
  metadata,
});
export const listTransfers = z.strictObject({ ...page, transfer_group: text.optional() });
export const reversal = z.strictObject({ amount, metadata });
export const refund = z.strictObject({
  payment_intent: named('pi_'),
  amount,
  reason: z.literal('requested_by_customer'),
  metadata,
});
export const listRefunds = z.strictObject({ ...page, payment_intent: named('pi_').optional() });
export const payout = z.strictObject({ amount, currency, metadata });
const schedule = z.union([
  z.strictObject({ interval: z.enum(['daily', 'manual']) }),
  z.strictObject({ interval: z.literal('weekly'), weekly_payout_days: z.array(z.literal('monday')) }),
  z.strictObject({ interval: z.literal('monthly'), monthly_payout_days: z.array(int.min(1).max(31)) }),
]);
export const balanceSettings = z.strictObject({ payments: z.strictObject({ payouts: z.strictObject({ schedule }) }) });
const include = z.array(z.enum(['configuration.recipient', 'identity', 'requirements', 'defaults']));
export const retrieveAccount = z.strictObject({ include: include.optional() });
export const newAccount = z.strictObject({
  contact_email: z.email(),
  display_name: text,
  dashboard: z.literal('express'),
  identity: z.strictObject({ country: z.string().regex(/^[a-z]{2}$/) }),
  configuration: z.strictObject({
    recipient: z.strictObject({
      capabilities: z.strictObject({
        stripe_balance: z.strictObject({ stripe_transfers: z.strictObject({ requested: z.literal(true) }) }),
      }),
    }),
  }),
  defaults: z.strictObject({
    responsibilities: z.strictObject({
      fees_collector: z.literal('application'),
      losses_collector: z.literal('application'),
    }),
  }),
  metadata,
  include,
});
export const accountLink = z.strictObject({
  account,
  use_case: z.strictObject({
    type: z.literal('account_onboarding'),
    account_onboarding: z.strictObject({
      refresh_url: z.url(),
      return_url: z.url(),
      collection_options: z.strictObject({ fields: z.literal('eventually_due') }),
    }),
  }),
});
