import type { Currency } from '@safesend/shared/money.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';

export interface Amount {
  readonly amountMinor: number;
  readonly currency: Currency;
}

/** What of a fact is money to whoever is told of it, as its words say it; null where it is about none. */
export function amountOf(fact: RoomFact): Amount | null {
  const amount = find(fact);
  return amount && amount.amountMinor > 0 ? { amountMinor: amount.amountMinor, currency: amount.currency } : null;
}

function find(fact: RoomFact): Amount | null {
  switch (fact.type) {
    case 'milestone.funded':
    case 'milestone.releasing':
    case 'milestone.approved':
    case 'milestone.refunding':
    case 'milestone.refund.returned':
    case 'milestone.credit.paid':
    case 'chargeback.recovered':
      return fact.data.movement;
    case 'milestone.released':
    case 'milestone.refunded': {
      // As it arrives, from however many payments: less the platform's fee.
      const { movement, together } = fact.data;
      const { amountMinor, feeMinor } = together ?? movement;
      return { amountMinor: amountMinor - feeMinor, currency: movement.currency };
    }
    case 'payment.failed':
      return fact.data.payment;
    case 'chargeback.opened':
    case 'chargeback.closed':
      return fact.data.chargeback;
    case 'milestone.submitted':
    case 'milestone.change.accepted':
    case 'payout.paid':
    case 'payout.failed':
      return fact.data;
    case 'milestone.change.agreed':
      return { amountMinor: fact.data.proposal?.money.topUpMinor ?? 0, currency: fact.data.currency };
    case 'milestone.cancellation.requested':
      return { amountMinor: fact.data.cancellation?.refundMinor ?? 0, currency: fact.data.currency };
    default:
      return null;
  }
}
