import { z } from 'zod';
import { id } from '../ids.ts';
import { currency } from '../money.ts';
import { line, moment } from '../values.ts';

const minor = z.int().min(0);

/** What the screens say about a hold; the amounts beside it are what counts. */
export const holdStatus = z.enum([
  'funding',
  'funded',
  'releasing',
  'refunding',
  'splitting',
  'frozen',
  'released',
  'refunded',
  'settled',
  'charged_back',
]);
export type HoldStatus = z.infer<typeof holdStatus>;

/**
 * The money of one milestone. `fundedMinor` is always the sum of held, frozen, releasing, refunding, released, refunded
 * and charged back; all of them are before the platform's fee.
 */
export const hold = z.strictObject({
  id,
  status: holdStatus,
  currency,
  fundedMinor: minor,
  /** Can be released or refunded now. */
  heldMinor: minor,
  /** Waits for the end of a dispute or a chargeback. */
  frozenMinor: minor,
  /** Decided, on the way to the freelancer. */
  releasingMinor: minor,
  /** Decided, on the way back to the client. */
  refundingMinor: minor,
  releasedMinor: minor,
  refundedMinor: minor,
  chargedBackMinor: minor,
  /** Taken from what was decided for release. */
  platformFeeMinor: minor,
  /** Paid by the client on top. */
  serviceFeeMinor: minor,
  /** What has reached the freelancer's account: released less the fee. */
  paidMinor: minor,
  /** What the freelancer owes after a chargeback that was lost, and what of that has come back from his account. */
  owedMinor: minor,
  recoveredMinor: minor,
  /** What open chargebacks may still take of what was decided for the freelancer: of each payment no more than he was given of it. */
  atRiskMinor: minor,
  /** Refunds that the processor refused or the client's bank sent back: his, and not with him yet. */
  creditMinor: minor,
  fundedAt: moment.nullable(),
  /** When the last part was released or refunded. */
  settledAt: moment.nullable(),
  /** Money is not held for longer; people decide before. */
  heldUntil: moment.nullable(),
  /** From when on the processor lets what is released go to a bank; null until it says so. */
  availableAt: moment.nullable(),
  /** Test money, not real. */
  isTest: z.boolean(),
});
export type Hold = z.infer<typeof hold>;

/** Why money waits, whose turn it is, and what he can do. */
export const waitingReason = z.enum([
  /** The client enters his card in the browser: nothing was charged yet. */
  'card',
  /** The client's bank asks him something. */
  'challenge',
  /** The card was declined: another card, or again. */
  'declined',
  /** The attempt was left alone for too long: fund again. */
  'expired',
  /** The freelancer has not finished setting up payouts. */
  'payout_onboarding',
  /** A transfer or refund could not be made; it is tried again. With `again` it is only on its way. */
  'processor',
  /** The freelancer owes what a lost chargeback took; it is taken back once his account holds enough. */
  'recovery',
  /** A refund was refused, or his bank sent it back: he says when it is tried again. */
  'refund_returned',
  /** Both sides agreed to a higher amount: the client pays the difference. */
  'top_up',
]);
export const waiting = z.strictObject({
  reason: waitingReason,
  on: z.enum(['client', 'freelancer', 'product']),
  paymentId: id.nullable(),
  since: moment,
  /** The client had what came back given back once more: that is on its way. */
  again: z.literal(true).optional(),
});
export type Waiting = z.infer<typeof waiting>;

/** What one ledger transaction moved, carried by the fact that names it. */
export const movement = z.strictObject({
  ledgerTransactionId: id,
  amountMinor: z.int().positive(),
  /** The platform's part of it, where it is a release. */
  feeMinor: minor,
  currency,
});
export type Movement = z.infer<typeof movement>;

/** Of one release or refund that is paid from several payments: what has arrived of it so far, and whether more is on its way. */
export const together = z.strictObject({
  /** The ledger transaction of the decision. */
  decisionId: id,
  amountMinor: z.int().positive(),
  feeMinor: minor,
  more: z.boolean(),
});
export type Together = z.infer<typeof together>;

/** What finds a payment that was made elsewhere. */
export const creditReference = line(1, 200);

export const paymentStatus = z.enum(['processing', 'requires_action', 'succeeded', 'declined', 'expired', 'cancelled']);
export type PaymentStatus = z.infer<typeof paymentStatus>;

/** One attempt of the client to pay; another card after a decline is the same attempt. */
export const payment = z.strictObject({
  id,
  milestoneId: id,
  status: paymentStatus,
  /** With the service fee. */
  amountMinor: z.int().positive(),
  currency,
  declineCode: z.string().nullable(),
  declineMessage: z.string().nullable(),
  createdAt: moment,
  expiresAt: moment,
  isTest: z.boolean(),
});
export type Payment = z.infer<typeof payment>;

export const chargeback = z.strictObject({
  id,
  milestoneId: id,
  amountMinor: z.int().positive(),
  currency,
  reason: z.string(),
  status: z.enum(['open', 'won', 'lost']),
  /** What of it is about what was held, without what the client had paid on top; facts of before protocol 11 do not say. */
  shareMinor: minor.optional(),
  /** What of it is frozen in the hold. */
  frozenMinor: minor,
  /** What of it may be taken of what was decided for the freelancer, while it is open. */
  riskMinor: minor,
  /** What of it the freelancer owes, once it is lost. */
  owedMinor: minor,
  /** Until then evidence can be handed in; null where the bank asks for none. */
  evidenceDueAt: moment.nullable(),
  openedAt: moment,
  closedAt: moment.nullable(),
});
export type Chargeback = z.infer<typeof chargeback>;
