import type { Currency } from '@safesend/shared/money.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { freeOf } from '@safesend/shared/projects/moves.ts';
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
      return fact.data.movement;
    case 'payment.failed':
      return fact.data.payment;
    case 'chargeback.opened':
    case 'chargeback.closed':
      return fact.data.chargeback;
    case 'milestone.change.accepted':
    case 'payout.paid':
    case 'payout.failed':
      return fact.data;
    case 'milestone.submitted':
      // As its approval would release it: a part may have been given back or released before.
      return { amountMinor: freeOf(fact.data.hold), currency: fact.data.currency };
    case 'milestone.change.proposed': {
      // As it would be; a proposal that leaves the amount alone is about none.
      const { amountMinor, proposal, currency } = fact.data;
      const proposed = proposal?.terms.amountMinor ?? amountMinor;
      return proposed === amountMinor ? null : { amountMinor: proposed, currency };
    }
    case 'milestone.reminded':
      return { amountMinor: remindedOf(fact.data), currency: fact.data.milestone.currency };
    case 'milestone.waiting':
      return { amountMinor: waitedFor(fact.data), currency: fact.data.currency };
    case 'milestone.change.agreed':
      return { amountMinor: fact.data.proposal?.money.topUpMinor ?? 0, currency: fact.data.currency };
    case 'milestone.cancellation.requested':
      return { amountMinor: fact.data.cancellation?.refundMinor ?? 0, currency: fact.data.currency };
    default:
      return null;
  }
}

/** What a bank asks about is the payment with its fee: of the milestone, or of what was agreed on top. Payouts wait with what was released. */
function waitedFor({ waiting, quote, proposal, hold }: Milestone): number {
  if (waiting?.reason === 'challenge')
    return proposal?.acceptedBy ? proposal.money.clientPaysMinor : quote.clientPaysMinor;
  return waiting?.reason === 'payout_onboarding' ? (hold?.releasingMinor ?? 0) : 0;
}

/** What the end of the review releases; what a bank has still to decide about of what is held or was decided for the freelancer. */
function remindedOf({
  milestone: { hold },
  reminder,
}: Extract<RoomFact, { type: 'milestone.reminded' }>['data']): number {
  if (/^(review|held)[.]/.test(reminder)) return freeOf(hold);
  return reminder.startsWith('evidence.') && hold ? hold.frozenMinor + hold.atRiskMinor : 0;
}
