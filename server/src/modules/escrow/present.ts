import type { Chargeback, Hold as HoldView, HoldStatus, Payment as PaymentView } from '@safesend/shared/escrow/hold.ts';
import type { PaymentMethod, Payout, PayoutAccount } from '@safesend/shared/escrow/wallet.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { Hold, Payment } from './entity.ts';

/** Amounts here are far below 2^53: a hold has at most eight digits. */
export function presentHold(hold: Hold): HoldView {
  return {
    id: hold.id,
    status: statusOf(hold),
    currency: hold.currency,
    fundedMinor: Number(hold.fundedMinor),
    heldMinor: Number(hold.heldMinor),
    frozenMinor: Number(hold.frozenMinor),
    releasingMinor: Number(hold.releasingMinor),
    refundingMinor: Number(hold.refundingMinor),
    releasedMinor: Number(hold.releasedMinor),
    refundedMinor: Number(hold.refundedMinor),
    chargedBackMinor: Number(hold.chargedBackMinor),
    platformFeeMinor: Number(hold.platformFeeMinor),
    serviceFeeMinor: Number(hold.serviceFeeMinor),
    paidMinor: Number(hold.paidMinor),
    owedMinor: Number(hold.owedMinor),
    recoveredMinor: Number(hold.recoveredMinor),
    atRiskMinor: Number(hold.atRiskMinor),
    creditMinor: Number(hold.creditMinor),
    fundedAt: hold.fundedAt?.toISOString() ?? null,
    settledAt: hold.settledAt?.toISOString() ?? null,
    heldUntil: hold.heldUntil?.toISOString() ?? null,
    availableAt: hold.availableAt?.toISOString() ?? null,
    isTest: hold.processor === 'test-money',
  };
}

/** The one word for a set of balances: what is under way first, then what is there, then how it ended. */
function statusOf(hold: Hold): HoldStatus {
  if (hold.fundedMinor === 0n) return 'funding';
  if (hold.releasingMinor > 0n && hold.refundingMinor > 0n) return 'splitting';
  if (hold.releasingMinor > 0n) return 'releasing';
  if (hold.refundingMinor > 0n) return 'refunding';
  if (hold.heldMinor > 0n) return 'funded';
  if (hold.frozenMinor > 0n) return 'frozen';
  const ends = { released: hold.releasedMinor, refunded: hold.refundedMinor, charged_back: hold.chargedBackMinor };
  const [end, other] = (Object.keys(ends) as (keyof typeof ends)[]).filter((it) => ends[it] > 0n);
  return end !== undefined && other === undefined ? end : 'settled';
}

export function presentPayment(payment: Payment, { milestoneId, processor }: Hold): PaymentView {
  return {
    id: payment.id,
    milestoneId,
    status: payment.status,
    amountMinor: Number(payment.total()),
    currency: payment.currency,
    declineCode: payment.declineCode ?? null,
    declineMessage: payment.declineMessage ?? null,
    createdAt: payment.createdAt.toISOString(),
    expiresAt: payment.expiresAt.toISOString(),
    isTest: processor === 'test-money',
  };
}

/** What the room hears of it: why a card was declined is told to its owner alone. */
export function presentPaymentToRoom(payment: Payment, hold: Hold): PaymentView {
  return { ...presentPayment(payment, hold), declineCode: null, declineMessage: null };
}

export interface ChargebackRow {
  readonly id: string;
  readonly hold_id: string;
  readonly payment_id: string;
  readonly amount_minor: string;
  /** What of it is about the money that was held. */
  readonly share_minor: string;
  readonly frozen_minor: string;
  readonly fee_minor: string;
  readonly owed_minor: string;
  readonly evidence_due_at: Date | string | null;
  readonly currency: Currency;
  readonly reason: string;
  readonly status: Chargeback['status'];
  readonly opened_at: Date | string;
  readonly closed_at: Date | string | null;
}

/** `risk`: what of it may be taken of the freelancer while it is open. */
export function presentChargeback(row: ChargebackRow, milestoneId: string, risk: bigint): Chargeback {
  return {
    id: row.id,
    milestoneId,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    reason: row.reason,
    status: row.status,
    shareMinor: Number(row.share_minor),
    frozenMinor: Number(row.frozen_minor),
    riskMinor: Number(risk),
    owedMinor: Number(row.owed_minor),
    evidenceDueAt: row.evidence_due_at && new Date(row.evidence_due_at).toISOString(),
    openedAt: new Date(row.opened_at).toISOString(),
    closedAt: row.closed_at && new Date(row.closed_at).toISOString(),
  };
}

export interface MethodRow {
  readonly id: string;
  readonly processor: string;
  readonly brand: string;
  readonly last4: string;
  readonly expires_month: number;
  readonly expires_year: number;
  readonly is_default: boolean;
  readonly created_at: Date | string;
}

export function presentMethod(row: MethodRow): PaymentMethod {
  return {
    id: row.id,
    brand: row.brand,
    last4: row.last4,
    expiresMonth: row.expires_month,
    expiresYear: row.expires_year,
    isDefault: row.is_default,
    isTest: row.processor === 'test-money',
    createdAt: new Date(row.created_at).toISOString(),
  };
}

export interface SetupRow {
  readonly id: string;
  readonly processor_setup_id: string | null;
  readonly status: 'processing' | 'requires_action' | 'succeeded' | 'failed';
  readonly message: string | null;
}

export function presentSetup({ id, status, message }: SetupRow, clientSecret: string | null = null) {
  return { id, status, message, clientSecret };
}

export interface PayoutAccountRow {
  readonly account_id: string;
  readonly processor: string;
  readonly status: 'onboarding' | 'restricted' | 'active';
  readonly country: string | null;
  readonly schedule: PayoutAccount['schedule'];
  readonly requirements: readonly string[];
}

export function presentPayoutAccount(row: PayoutAccountRow | null, isTest: boolean): PayoutAccount {
  if (!row) return { status: 'none', country: null, schedule: 'daily', requirements: [], isTest };
  const { status, country, schedule, requirements } = row;
  return { status, country, schedule, requirements: [...requirements], isTest };
}

export interface PayoutRow {
  readonly id: string;
  readonly amount_minor: string;
  readonly currency: Currency;
  readonly status: Payout['status'];
  readonly failure_message: string | null;
  readonly created_at: Date | string;
  readonly arrives_at: Date | string | null;
}

export function presentPayout(row: PayoutRow): Payout {
  return {
    id: row.id,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    status: row.status,
    failureMessage: row.failure_message,
    createdAt: new Date(row.created_at).toISOString(),
    arrivesAt: row.arrives_at && new Date(row.arrives_at).toISOString(),
  };
}
