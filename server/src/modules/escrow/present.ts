import type { Chargeback, Hold as HoldView, HoldStatus, Payment as PaymentView } from '@safesend/shared/escrow/hold.ts';
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
    fundedAt: hold.fundedAt?.toISOString() ?? null,
    settledAt: hold.settledAt?.toISOString() ?? null,
    heldUntil: hold.heldUntil?.toISOString() ?? null,
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

export interface ChargebackRow {
  readonly id: string;
  readonly hold_id: string;
  readonly amount_minor: string;
  readonly frozen_minor: string;
  readonly fee_minor: string;
  readonly currency: Currency;
  readonly reason: string;
  readonly status: Chargeback['status'];
  readonly opened_at: Date | string;
  readonly closed_at: Date | string | null;
}

export function presentChargeback(row: ChargebackRow, milestoneId: string): Chargeback {
  return {
    id: row.id,
    milestoneId,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    reason: row.reason,
    status: row.status,
    frozenMinor: Number(row.frozen_minor),
    openedAt: new Date(row.opened_at).toISOString(),
    closedAt: row.closed_at && new Date(row.closed_at).toISOString(),
  };
}
