import { z } from 'zod';
import { id } from '../ids.ts';
import { currency } from '../money.ts';
import { nameBesidePlatform } from '../platform.ts';
import { line, moment } from '../values.ts';

const minor = z.int();

/** A card to try things out with, by the processor's name for it. */
export const testCard = z.string().min(1).max(60);

/** A saved card, as far as anybody here knows it. */
export const paymentMethod = z.strictObject({
  id,
  brand: z.string(),
  last4: z.string(),
  expiresMonth: z.int().min(1).max(12),
  expiresYear: z.int(),
  isDefault: z.boolean(),
  isTest: z.boolean(),
  createdAt: moment,
});
export type PaymentMethod = z.infer<typeof paymentMethod>;

/** A card under way: the browser confirms it with the secret (null without the scope `money`), or with test-money it is ready at once. */
export const cardSetup = z.strictObject({
  id,
  status: z.enum(['processing', 'requires_action', 'succeeded', 'failed']),
  clientSecret: z.string().nullable(),
  message: z.string().nullable(),
});

/** Where a freelancer's money goes. `active`: transfers reach him; `restricted`: they did, and the processor wants something first. */
export const payoutAccount = z.strictObject({
  status: z.enum(['none', 'onboarding', 'restricted', 'active']),
  country: z.string().nullable(),
  schedule: z.enum(['daily', 'weekly', 'monthly', 'manual']),
  /** What is still missing, in words. */
  requirements: z.array(z.string()),
  isTest: z.boolean(),
});
export type PayoutAccount = z.infer<typeof payoutAccount>;

/** What the form of test-money asks for, one after the other. */
export const testMoneyPart = z.enum(['person', 'bank']);
export type TestMoneyPart = z.infer<typeof testMoneyPart>;

export const payout = z.strictObject({
  id,
  amountMinor: z.int().positive(),
  currency,
  status: z.enum(['pending', 'paid', 'failed']),
  failureMessage: z.string().nullable(),
  createdAt: moment,
  arrivesAt: moment.nullable(),
});
export type Payout = z.infer<typeof payout>;

/**
 * Per currency, exact. As client: held, refunding. As freelancer: held for me, pending, available, paid out. Held,
 * refunding, spent and credit, less what banks have and have not decided on, are what the client's statement closes at.
 */
export const walletBalance = z.strictObject({
  currency,
  spending: z.strictObject({
    heldMinor: minor,
    refundingMinor: minor,
    /** Released and service fees, less what banks took back of them for good; below nothing when they took back more. */
    spentMinor: minor,
    refundedMinor: minor,
    /** Refunds that came back: mine, and still here. */
    creditMinor: minor,
    /** By chargebacks that are open or were lost. */
    takenBackMinor: minor,
    /** Of that, by those that are open: it may come here again. */
    undecidedMinor: minor,
    /** Of what is held, by chargebacks that are open. */
    frozenMinor: minor,
  }),
  earning: z.strictObject({
    heldMinor: minor,
    pendingMinor: minor,
    availableMinor: minor,
    paidOutMinor: minor,
    /** Released to me less fees, ever, and less what banks took back of it. */
    earnedMinor: minor,
    /** What that is less by: after chargebacks that were lost. */
    takenBackMinor: minor,
    /** Of a chargeback that was lost, and not taken back yet. */
    owedMinor: minor,
    /** Of what is held for me, by chargebacks that are open. */
    frozenMinor: minor,
    /** Of what was released to me, what open chargebacks may take back. */
    atRiskMinor: minor,
  }),
});
export type WalletBalance = z.infer<typeof walletBalance>;
export const wallet = z.strictObject({
  balances: z.array(walletBalance),
  payoutAccount,
  /** When the schedule pays out next what is available then; null: by hand, or not before something else has happened. */
  nextPayoutAt: moment.nullable(),
  /** Which processor this installation uses; null: payments are not configured. */
  processor: z.enum(['stripe', 'test-money']).nullable(),
  /** For the processor's library in the browser; null where it cannot finish a payment. */
  publishableKey: z.string().nullable(),
  /** Named test cards, where no real processor is used or its address is not its own. */
  testMethods: z.array(z.strictObject({ methodId: z.string(), label: z.string() })),
});
export type Wallet = z.infer<typeof wallet>;

export const transactionKind = z.enum([
  'funding',
  'service_fee',
  'release',
  'platform_fee',
  'refund',
  'refund_returned',
  'chargeback',
  'chargeback_won',
  'reversal',
  'payout',
]);
const paperKind = z.enum(['invoice', 'credit_note', 'receipt']);
export type PaperKind = z.infer<typeof paperKind>;

/** One line of my account: what one ledger transaction means to me. */
export const transaction = z.strictObject({
  id,
  kind: transactionKind,
  /** Signed, from my side: what I paid is negative. */
  amountMinor: minor,
  currency,
  at: moment,
  projectId: id.nullable(),
  projectTitle: z.string().nullable(),
  milestoneId: id.nullable(),
  milestoneTitle: z.string().nullable(),
  roomId: id.nullable(),
  /** The fact of that room that tells of it. */
  seq: z.int().positive().nullable(),
  /** Where what went back another way than it was paid is found: the reference of a bank transfer for instance. */
  reference: z.string().nullable(),
  /** The first of its papers. */
  invoiceId: id.nullable(),
  papers: z.array(z.strictObject({ id, kind: paperKind, number: z.string() })),
  isTest: z.boolean(),
});
export type Transaction = z.infer<typeof transaction>;

/** Immutable once issued; a refund brings a credit note that names it. */
export const invoice = z.strictObject({
  id,
  /** Without gaps per issuer. */
  number: z.string(),
  kind: paperKind,
  issuerName: z.string(),
  recipientName: z.string(),
  netMinor: minor,
  taxMinor: minor,
  totalMinor: minor,
  currency,
  projectTitle: z.string(),
  milestoneId: id.nullable(),
  milestoneTitle: z.string(),
  correctsInvoiceId: id.nullable(),
  issuedAt: moment,
  isTest: z.boolean(),
});
export type Invoice = z.infer<typeof invoice>;

/** What my invoices say about tax from now on: its name, my number, and its rate in hundredths of a per cent. */
export const taxDetails = z.strictObject({
  label: nameBesidePlatform(1, 20),
  number: line(1, 40).nullable(),
  rateBps: z.int().min(0).max(5_000),
});
export type TaxDetails = z.output<typeof taxDetails>;

/** Totals of a period and currency; they equal the ledger's. */
export const statement = z.strictObject({
  currency,
  from: moment,
  until: moment,
  openingMinor: minor,
  closingMinor: minor,
  totals: z.array(z.strictObject({ kind: transactionKind, amountMinor: minor, count: z.int() })),
});
export type Statement = z.infer<typeof statement>;

export const country = line(2, 2).regex(/^[A-Z]{2}$/, 'Use the two letters of a country.');
