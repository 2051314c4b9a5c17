import type { Chargeback, Movement, Payment } from '@safesend/shared/escrow/hold.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { ChangeProposal, Milestone, Reminder } from '@safesend/shared/projects/milestone.ts';
import { disputedShareOf, freeOf, isUnfunded } from '@safesend/shared/projects/moves.ts';
import { agreedAnew } from '@safesend/shared/projects/reasons.ts';
import { formatMoney } from '#lib/format/money.ts';
import { isHeldBack } from '#lib/money/contested.ts';
import { bankOf, clientOf } from '#lib/money/side-words.ts';
import type { Side } from '#lib/money/side.ts';
import { m } from '#lib/paraglide/messages.js';
import { proposedWords } from './milestone-words.ts';
import type { FactEvent } from './timeline.ts';

interface MoneyWords {
  /** False when nobody of the room did it: a processor, a bank, the end of a countdown. */
  readonly hasActor: boolean;
  readonly text: string;
}

/** What a fact about work and money says, with its amount; null for every other fact. */
export function moneyWords(event: FactEvent, before: Milestone | null, side: Side): MoneyWords | null {
  const words = wordsOf(event, before, side);
  const milestone = milestoneOf(event);
  // All that was left is released or given back: nobody answered whether to end or change it. Where somebody did, the line says so.
  if (!words || milestone?.status === 'cancelled') return words;
  let { text } = words;
  if (before?.cancellation && !milestone?.cancellation && !event.type.startsWith('milestone.cancellation'))
    text = m.money_fact_ending_over({ text });
  if (before?.proposal && !milestone?.proposal && !event.type.startsWith('milestone.change'))
    text = m.money_fact_change_over({ text });
  return { ...words, text };
}

function wordsOf(event: FactEvent, before: Milestone | null, side: Side): MoneyWords | null {
  const isMine = side === 'freelancer';
  // How it goes, and what his fee is, is the payer's own affair.
  const isPayer = side === 'client';
  const client = clientOf(side);
  const milestone = milestoneOf(event);
  if (!milestone) return null;
  const { title, currency, submission } = milestone;
  const money = (minor: number, of: Currency = currency) => formatMoney(minor, of);
  const amount = money(milestone.amountMinor);
  const by = (text: string): MoneyWords => ({ hasActor: event.actorId !== null, text });
  const plain = (text: string): MoneyWords => ({ hasActor: false, text });
  switch (event.type) {
    case 'milestone.change.proposed':
      return by(m.money_fact_proposed({ title, changes: proposedWords(milestone) }));
    case 'milestone.change.accepted':
      return event.actorId
        ? by(m.money_fact_accepted({ title, amount }))
        : plain(m.money_fact_in_force({ title, amount }));
    case 'milestone.change.agreed':
      return by(m.money_fact_agreed({ title, amount: money(milestone.proposal?.money.topUpMinor ?? 0) }));
    case 'milestone.change.declined':
      return event.actorId
        ? by(droppedWords(before?.proposal ?? null, event.actorId)({ title }))
        : plain(lapsedWords(milestone, before?.proposal ?? null));
    case 'milestone.funding':
      return by(
        isPayer
          ? m.money_fact_funding({ title, amount: money(event.data.payment.amountMinor) })
          : m.money_fact_funding_other({ title }),
      );
    case 'milestone.funded':
      return plain(fundedWords(milestone, event.data.movement.amountMinor));
    case 'payment.failed':
      return plain(
        isPayer
          ? unpaidWords(event.data.payment.status, milestone)({ title, amount: money(event.data.payment.amountMinor) })
          : toOthers(milestone)({ title }),
      );
    case 'milestone.started':
      return by(m.money_fact_started({ title }));
    case 'milestone.submitted':
      return by(
        m.money_fact_submitted({ title, number: submission?.number ?? 1, amount: money(dueToRelease(milestone)) }),
      );
    case 'milestone.changes.requested':
      return by(m.money_fact_changes({ title, reason: submission?.changes ?? '' }));
    case 'milestone.approved': {
      const words = { title, amount: money(event.data.movement?.amountMinor ?? milestone.amountMinor) };
      return event.actorId ? by(m.money_fact_approved(words)) : plain(m.money_fact_approved_clock(words));
    }
    case 'milestone.releasing':
      return by(m.money_fact_releasing({ title, amount: money(event.data.movement.amountMinor) }));
    case 'milestone.released':
      return plain(releasedWords(milestone, event.data.together ?? event.data.movement, before, isMine));
    case 'milestone.refunding': {
      const { movement, reason } = event.data;
      // Nobody but the one who was asked gives money of a milestone back that is out of the plan: he accepted its end.
      if (milestone.status === 'cancelled' && event.actorId !== null)
        return by(m.money_fact_ending_accepted({ title, client, amount: money(movement.amountMinor) }));
      if (reason === agreedAnew)
        return plain(m.money_fact_refunding_agreed({ title, client, amount: money(movement.amountMinor) }));
      return by(m.money_fact_refunding({ title, amount: money(movement.amountMinor), reason }));
    }
    case 'milestone.refunded': {
      const { amountMinor } = event.data.together ?? event.data.movement;
      return plain(m.money_fact_refunded({ title, client, amount: money(amountMinor) }));
    }
    case 'milestone.cancellation.requested':
      return by(endingWords(milestone, money(milestone.cancellation?.refundMinor ?? 0), client));
    case 'milestone.cancellation.declined':
      if (event.actorId === null) return plain(m.money_fact_ending_lapsed({ title }));
      if (!before?.cancellation) return plain(m.money_fact_going_on({ title }));
      return before.cancellation.requestedBy === event.actorId
        ? by(m.money_fact_ending_withdrawn({ title }))
        : by(m.money_fact_ending_declined({ title }));
    case 'milestone.overdue':
      return plain(
        isUnfunded(milestone)
          ? m.money_fact_overdue_unpaid({ title, amount })
          : m.money_fact_overdue({ title, amount }),
      );
    case 'milestone.reminded':
      return plain(reminded[event.data.reminder]({ title, amount: money(dueToRelease(milestone)) }));
    case 'milestone.waiting':
      // A processor that does not answer is nobody's doing: of that reason the client has what had come back given back again.
      if (event.actorId !== null && milestone.waiting?.reason === 'processor')
        return by(m.money_fact_refund_again({ title, amount: money(milestone.hold?.creditMinor ?? 0) }));
      return plain(waitingWords(milestone, side));
    case 'chargeback.opened':
      return plain(openedWords(milestone, event.data.chargeback, side));
    case 'chargeback.closed': {
      const { status, owedMinor } = event.data.chargeback;
      const disputed = disputedOf(event.data.chargeback, side);
      const words = { title, client, amount: money(disputed), owed: money(owedMinor), bank: bankOf(side) };
      if (disputed === 0) return plain(noneOf[status === 'won' ? 'won' : 'lost'](words));
      if (status === 'won') return plain(wonWords(milestone, words));
      if (owedMinor === 0) return plain(m.money_fact_chargeback_lost(words));
      return plain(isMine ? m.money_fact_chargeback_lost_owed_mine(words) : m.money_fact_chargeback_lost_owed(words));
    }
    case 'chargeback.recovered': {
      const { amountMinor } = event.data.movement;
      const words = { title, amount: money(amountMinor) };
      const text = isMine ? m.money_fact_recovered_mine(words) : m.money_fact_recovered(words);
      return plain(text + soFarWords(milestone, amountMinor));
    }
    case 'milestone.refund.returned':
      return plain(returnedWords(milestone, event.data.movement.amountMinor, before, side));
    case 'milestone.credit.paid': {
      const { movement, reference } = event.data;
      return plain(m.money_fact_credit_paid({ title, amount: money(movement.amountMinor), reference }));
    }
    default:
      return null;
  }
}

/** What had been taken back of him for a chargeback that was won after all has its fee behind it: it is released once. */
function releasedWords(
  { title, hold, currency }: Milestone,
  { amountMinor, feeMinor }: Pick<Movement, 'amountMinor' | 'feeMinor'>,
  before: Milestone | null,
  isMine: boolean,
): string {
  const money = (minor: number) => formatMoney(minor, currency);
  const words = { title, amount: money(amountMinor), net: money(amountMinor - feeMinor), fee: money(feeMinor) };
  if (feeMinor > 0) return isMine ? m.money_fact_released_mine(words) : m.money_fact_released(words);
  const isAgain = (hold?.recoveredMinor ?? 0) < (before?.hold?.recoveredMinor ?? 0);
  if (isAgain) return isMine ? m.money_fact_released_again_mine(words) : m.money_fact_released_again(words);
  return isMine ? m.money_fact_released_whole_mine(words) : m.money_fact_released_whole(words);
}

/** What an approval or the end of the review releases: what is held and free by then, as the fact that follows says it. */
function dueToRelease({ hold, amountMinor }: Milestone): number {
  return hold ? freeOf(hold) : amountMinor;
}

/** What was paid on top is not all that is held. */
function fundedWords({ title, hold, currency }: Milestone, amountMinor: number): string {
  const amount = formatMoney(amountMinor, currency);
  if (hold === null || hold.fundedMinor <= amountMinor) return m.money_fact_funded({ title, amount });
  return m.money_fact_funded_more({ title, amount, held: formatMoney(freeOf(hold), currency) });
}

/** Who paid reads what his bank says; everybody else what of it was paid for the work. */
const disputedOf = (chargeback: Chargeback, side: Side) =>
  side === 'client' ? chargeback.amountMinor : disputedShareOf(chargeback);

/** Of a payment that had gone back before: for whoever did not pay there is no sum in it. */
const noneOf = {
  open: m.money_fact_chargeback_none,
  won: m.money_fact_chargeback_none_won,
  lost: m.money_fact_chargeback_none_lost,
};

/** What is held is frozen, or a part of it; what was released of this payment may be taken back. */
function openedWords({ title, hold, currency }: Milestone, chargeback: Chargeback, side: Side): string {
  const { frozenMinor, riskMinor } = chargeback;
  const isMine = side === 'freelancer';
  const money = (minor: number) => formatMoney(minor, currency);
  const [isFrozen, isAtRisk, isPart] = [frozenMinor > 0, riskMinor > 0, freeOf(hold) > 0];
  const words = { title, amount: money(disputedOf(chargeback, side)), risk: money(riskMinor), bank: bankOf(side) };
  if (disputedOf(chargeback, side) === 0) return noneOf.open(words);
  if (isFrozen && isPart) {
    const parts = { ...words, frozen: money(frozenMinor), free: money(freeOf(hold)) };
    if (!isAtRisk) return m.money_fact_chargeback_part(parts);
    return isMine ? m.money_fact_chargeback_part_both_mine(parts) : m.money_fact_chargeback_part_both(parts);
  }
  if (!isAtRisk) return isFrozen ? m.money_fact_chargeback_frozen(words) : m.money_fact_chargeback(words);
  if (isFrozen) return isMine ? m.money_fact_chargeback_both_mine(words) : m.money_fact_chargeback_both(words);
  return isMine ? m.money_fact_chargeback_paid_mine(words) : m.money_fact_chargeback_paid(words);
}

/** What a lost chargeback has brought the client of it is not kept for him as well. */
function returnedWords(
  { title, hold, currency }: Milestone,
  amountMinor: number,
  before: Milestone | null,
  side: Side,
): string {
  const money = (minor: number) => formatMoney(minor, currency);
  const credit = hold?.creditMinor ?? 0;
  const keptMinor = Math.min(amountMinor, credit - Math.min(credit, before?.hold?.creditMinor ?? 0));
  const words = {
    title,
    client: clientOf(side),
    amount: money(amountMinor),
    kept: money(keptMinor),
    rest: money(amountMinor - keptMinor),
  };
  if (keptMinor === amountMinor) return m.money_fact_refund_returned(words);
  const isPayer = side === 'client';
  if (keptMinor > 0)
    return isPayer ? m.money_fact_refund_returned_part_mine(words) : m.money_fact_refund_returned_part(words);
  return isPayer ? m.money_fact_refund_returned_covered_mine(words) : m.money_fact_refund_returned_covered(words);
}

/** Another one may be open: what it is about stays frozen, or is frozen for it now. */
function wonWords({ hold, currency }: Milestone, words: { title: string; amount: string }): string {
  const frozenMinor = hold?.frozenMinor ?? 0;
  if (frozenMinor === 0) return m.money_fact_chargeback_won(words);
  return m.money_fact_chargeback_won_frozen({ ...words, frozen: formatMoney(frozenMinor, currency) });
}

/** A payment that did not come about: its time was over, the payer gave it up, or his bank declined it. */
function unpaidWords(status: Payment['status'], of: Milestone): (words: { title: string; amount: string }) => string {
  if (status === 'expired') return m.money_fact_expired;
  if (status !== 'cancelled') return m.money_fact_failed;
  return isSettled(of) ? m.money_fact_given_up_over : m.money_fact_given_up;
}

/** Whoever does not pay hears of the whole, or of the difference that both sides agreed on. */
function toOthers(milestone: Milestone): (words: { title: string }) => string {
  if (isUnfunded(milestone)) return m.money_fact_unpaid;
  return isSettled(milestone) ? m.money_fact_unpaid_over : m.money_fact_unpaid_more;
}

/** There was a difference to be paid, and with an approval or the end of its time there is none any more. */
const isSettled = (milestone: Milestone) => !isUnfunded(milestone) && !milestone.proposal?.acceptedBy;

/** Nobody answered in time, or both sides agreed and the difference was not paid. */
function lapsedWords({ title, currency }: Milestone, proposal: ChangeProposal | null): string {
  if (!proposal) return m.money_fact_lapsed({ title });
  if (!proposal.acceptedBy) return m.money_fact_lapsed_unanswered({ title });
  return m.money_fact_lapsed_unpaid({ title, amount: formatMoney(proposal.money.topUpMinor, currency) });
}

/** One takes back what he proposed, declines what was proposed to him, or gives up what was agreed. */
function droppedWords(proposal: ChangeProposal | null, actorId: string): (words: { title: string }) => string {
  if (!proposal) return m.money_fact_not_going_on;
  if (proposal.acceptedBy) return m.money_fact_dropped;
  return proposal.proposedBy === actorId ? m.money_fact_withdrawn : m.money_fact_declined;
}

function endingWords({ title, cancellation }: Milestone, amount: string, client: string): string {
  const reason = cancellation?.reason ?? '';
  return reason === ''
    ? m.money_fact_ending_unexplained({ title, amount, client })
    : m.money_fact_ending({ title, amount, client, reason });
}

const reminded: Record<Reminder, (words: { title: string; amount: string }) => string> = {
  'review.3d': m.money_fact_review_3d,
  'review.1d': m.money_fact_review_1d,
  'deadline.2d': m.money_fact_due_soon,
  'funding.3d': m.money_fact_funding_3d,
  'funding.1d': m.money_fact_funding_1d,
  'evidence.3d': m.money_fact_evidence_3d,
  'evidence.1d': m.money_fact_evidence_1d,
  'evidence.0d': m.money_fact_evidence_0d,
  'held.7d': m.money_fact_held_7d,
  'held.1d': m.money_fact_held_1d,
  'held.0d': m.money_fact_held_0d,
};

function waitingWords(milestone: Milestone, side: Side): string {
  const { title, waiting } = milestone;
  const isMine = side === 'freelancer';
  switch (waiting?.reason) {
    case 'challenge':
      return side === 'client' ? m.money_fact_challenge({ title }) : toOthers(milestone)({ title });
    case 'payout_onboarding':
      return isMine ? m.money_fact_onboarding_mine({ title }) : m.money_fact_onboarding({ title });
    case 'processor':
      return m.money_fact_processor({ title });
    case 'recovery':
      return isMine ? m.money_fact_recovery_mine({ title }) : m.money_fact_recovery({ title });
    case 'top_up':
      return m.money_fact_top_up({ title });
    case 'refund_returned':
      return m.money_fact_refund_waits({ title, bank: bankOf(side) });
    default:
      return isHeldBack(milestone) ? m.money_fact_frozen({ title }) : m.money_fact_going({ title });
  }
}

/** What is owed comes back by as many transfers as it was paid with: each says how far that is. */
function soFarWords({ hold, currency }: Milestone, amountMinor: number): string {
  if (!hold) return '';
  const { owedMinor, recoveredMinor } = hold;
  if (owedMinor > 0) return m.money_fact_recovered_owed({ owed: formatMoney(owedMinor, currency) });
  return recoveredMinor > amountMinor
    ? m.money_fact_recovered_all({ recovered: formatMoney(recoveredMinor, currency) })
    : '';
}
