import type { Hold } from '@safesend/shared/escrow/hold.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { backOf, freeOf, isAtWork } from '@safesend/shared/projects/moves.ts';
import { isChargedBack, isContested } from '@safesend/shared/projects/standing.ts';
import { formatMoney } from '#lib/format/money.ts';
import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';
import { bankOf } from './side-words.ts';
import { besideFrozen, contestedWords, netUnderWay } from './contested.ts';
import { netOfHeld } from './fee.ts';
import type { Standpoint } from './next.ts';
import type { Side } from './side.ts';
import { isReleasedUnapproved } from './stages.ts';

/** More was agreed on and is being paid; until the processor has said so the work is as it was. */
function isBeingTopped({ proposal, clocks, status }: Milestone): boolean {
  return status !== 'funding' && Boolean(proposal?.acceptedBy) && clocks.some(({ kind }) => kind === 'payment');
}

/**
 * How his payment goes is the payer's own affair: everybody else sees whether it is being paid, or not yet. What both sides
 * agreed to be paid on top waits for him until it is.
 */
export function seenBy(milestone: Milestone, side: Side): Milestone {
  const { waiting, status, proposal } = milestone;
  // Only what waits for his card or his bank names a payment.
  if (side === 'client' || !waiting?.paymentId) return milestone;
  if (waiting.reason === 'challenge') return { ...milestone, waiting: null };
  if (status !== 'funding' && proposal?.acceptedBy) return { ...milestone, waiting: { ...waiting, reason: 'top_up' } };
  return { ...milestone, waiting: null, status: status === 'funding' ? 'planned' : status };
}

/** Until when an attempt to pay is open is said to whoever pays. */
export function clocksFor({ clocks }: Pick<Milestone, 'clocks'>, side: Side): Milestone['clocks'] {
  return side === 'client' ? clocks : clocks.filter(({ kind }) => kind !== 'payment');
}

/** The work does not wait: a refund that was sent back waits for the client alone, and what is owed waits for money. */
export function goesOn(milestone: Milestone, side: Side): boolean {
  const reason = milestone.waiting?.reason;
  if (reason === 'recovery') return isWorkedFor(milestone);
  return reason === 'refund_returned' && side !== 'client' && isAtWork(milestone);
}

function isWorkedFor(milestone: Milestone): boolean {
  return isAtWork(milestone) && freeOf(milestone.hold) > 0;
}

/** Released money waits for its freelancer, who has a step to take. */
export function waitsForPayouts({ waiting }: Pick<Milestone, 'waiting'>, side: Side): boolean {
  return side === 'freelancer' && waiting?.reason === 'payout_onboarding';
}

type Tone = 'neutral' | 'accent' | 'positive' | 'warning' | 'danger';

/** Somebody is being waited for, but for these: machines go on by themselves, and an attempt that expired is over. */
const quietReasons: ReadonlySet<string> = new Set(['processor', 'recovery', 'expired']);

export function stateOf(told: Milestone, side: Side = 'client'): { label: string; tone: Tone } {
  const milestone = seenBy(told, side);
  const { status, waiting, hold } = milestone;
  if (waiting && !quietReasons.has(waiting.reason) && !goesOn(milestone, side))
    // What the sums of a plan count as approved is that, whatever its money waits for.
    return {
      label: status === 'approved' ? m.money_state_waiting_approved() : m.money_state_waiting(),
      tone: 'warning',
    };
  if (hold && hold.frozenMinor > 0)
    return { label: freeOf(hold) > 0 ? m.money_state_frozen_part() : m.money_state_frozen(), tone: 'danger' };
  if (isContested(milestone)) return { label: m.money_state_contested(), tone: 'danger' };
  if (isChargedBack(milestone)) return { label: m.money_state_charged_back(), tone: 'danger' };
  const states: Record<Milestone['status'], { label: string; tone: Tone }> = {
    planned: { label: m.money_state_planned(), tone: 'neutral' },
    funding: { label: m.money_state_funding(), tone: 'accent' },
    funded: { label: m.money_step_funded(), tone: 'accent' },
    started: { label: m.money_state_started(), tone: 'accent' },
    submitted: { label: m.money_step_delivered(), tone: 'accent' },
    changes_requested: { label: m.money_state_changes(), tone: 'warning' },
    approved: {
      label: isReleasedUnapproved(milestone) ? m.money_step_released() : m.money_step_approved(),
      tone: 'positive',
    },
    released: { label: m.money_step_paid(), tone: 'positive' },
    refunded: { label: m.money_state_refunded(), tone: 'neutral' },
    cancelled: { label: m.money_state_cancelled(), tone: 'neutral' },
    disputed: { label: m.money_state_disputed(), tone: 'danger' },
  };
  return states[status];
}

/** What the client is asked to pay now: the whole, or what was agreed to be added once that is paid. */
export function askedOf({ amountMinor, quote, proposal, hold }: Milestone) {
  const isTopUp = proposal !== null && proposal.acceptedBy !== null && (hold?.fundedMinor ?? 0) > 0;
  if (!isTopUp) {
    const { serviceFeeMinor, clientPaysMinor } = quote;
    return { amountMinor, serviceFeeMinor, clientPaysMinor, isTopUp };
  }
  const { topUpMinor, serviceFeeMinor, clientPaysMinor } = proposal.money;
  return { amountMinor: topUpMinor, serviceFeeMinor, clientPaysMinor, isTopUp };
}

/** Where the work and its money stand, in one sentence. Before both sides are in the project nothing can be funded. */
export function workWords(told: Milestone, at: Omit<Standpoint, 'myId'>): string {
  const { side, isDraft } = at;
  const milestone = seenBy(told, side);
  const { status, hold, waiting } = milestone;
  if (isDraft && status === 'planned') return m.money_next_draft();
  if (waiting && !goesOn(milestone, side))
    return sentences(waitingWords(milestone, at), besideWords(milestone, side), bankWords(milestone, side));
  if (isBeingTopped(milestone)) return m.money_next_topping_up();
  if (hold && hold.frozenMinor > 0) return frozenWords(milestone, hold, side);
  if (isWorkedFor(milestone)) return sentences(statusWords(milestone, at), earlierWords(milestone, side));
  if (hold && isContested(milestone)) return contestedWords(milestone, hold, side);
  if (hold && hold.owedMinor > 0) return sentences(owedWords(hold, side), backWords(hold, side));
  if (hold && hold.recoveredMinor > 0) return sentences(recoveredWords(hold, side), backWords(hold, side));
  return statusWords(milestone, at);
}

/** What comes next by where the work stands. */
function statusWords(milestone: Milestone, at: Omit<Standpoint, 'myId'>): string {
  const { side, terms } = at;
  const { status, hold, quote, currency } = milestone;
  const money = (minor: number) => formatMoney(minor, currency);
  const total = money(quote.clientPaysMinor);
  const isPart = hold !== null && hold.heldMinor < milestone.amountMinor;
  const start = side === 'freelancer' ? m.money_next_start() : m.money_next_start_other();
  const ofAll = isPart ? m.money_held_part({ held: money(hold.heldMinor), amount: money(milestone.amountMinor) }) : '';
  const net = isPart ? netOfHeld(milestone, terms) : quote.freelancerGetsMinor;
  const submit = net === null ? m.money_next_submit_rest() : m.money_next_submit({ net: money(net) });
  const words: Record<Milestone['status'], () => string> = {
    planned: () =>
      side === 'client'
        ? m.money_next_fund({ total })
        : m.money_next_fund_other({ payer: at.payer ?? m.money_the_client() }),
    funding: () => m.money_next_funding(),
    funded: () => sentences(ofAll || m.money_held_whole(), start),
    started: () => sentences(ofAll, side === 'freelancer' ? submit : m.money_next_submit_other()),
    submitted: () => sentences(ofAll, reviewWords(milestone, at, net)),
    changes_requested: () =>
      sentences(ofAll, side === 'freelancer' ? m.money_next_changes() : m.money_next_changes_other()),
    approved: () => m.money_next_approved({ net: money(netUnderWay(milestone)) }) + availableWords(milestone),
    released: () => endWords(milestone, side),
    refunded: () => endWords(milestone, side),
    cancelled: () => endWords(milestone, side) || m.money_next_cancelled(),
    disputed: () => m.money_next_disputed(),
  };
  return words[status]();
}

const sentences = (...all: string[]): string => all.filter(Boolean).join(' ');

/** Who has the money that is not held any more, each part of it: the freelancer, the client's bank, or the client by a refund. */
function endWords(milestone: Milestone, side: Side): string {
  const { hold, currency } = milestone;
  if (!hold) return '';
  const money = (minor: number) => formatMoney(minor, currency);
  const [refunded, underWay] = [backOf(hold) + hold.refundingMinor, netUnderWay(milestone)];
  return sentences(
    hold.paidMinor > 0 ? paidWords(milestone, hold, side) : '',
    underWay > 0 ? m.money_next_approved({ net: money(underWay) }) : '',
    backWords(hold, side),
    refunded > 0 ? refundedWords[side]({ amount: money(refunded) }) : '',
  );
}

const refundedWords: Record<Side, (words: { amount: string }) => string> = {
  client: m.money_next_refunded_mine,
  freelancer: m.money_next_refunded,
  watcher: m.money_next_refunded,
};

/** With the day the last of it went, where all of it went the same way. */
function paidWords(milestone: Milestone, hold: Hold, side: Side): string {
  const words = { net: formatMoney(hold.paidMinor, milestone.currency), date: formatDate(hold.settledAt ?? 0) };
  const isMine = side === 'freelancer';
  const undated = isMine ? m.money_next_paid_mine : m.money_next_paid;
  const dated = isMine ? m.money_next_released_mine : m.money_next_released;
  const isAll = milestone.status === 'released' && backOf(hold) === 0;
  return (isAll ? dated(words) : undated(words)) + availableWords(milestone);
}

function backWords({ chargedBackMinor, currency }: Hold, side: Side): string {
  if (chargedBackMinor === 0) return '';
  return m.money_next_charged_back({ bank: bankOf(side), amount: formatMoney(chargedBackMinor, currency) });
}

function owedWords({ owedMinor, currency }: Hold, side: Side): string {
  const words = { owed: formatMoney(owedMinor, currency) };
  return side === 'freelancer' ? m.money_next_owed_mine(words) : m.money_next_owed(words);
}

function recoveredWords({ recoveredMinor, currency }: Hold, side: Side): string {
  const words = { recovered: formatMoney(recoveredMinor, currency) };
  return side === 'freelancer' ? m.money_next_recovered_mine(words) : m.money_next_recovered(words);
}

/** In short, beside what comes next: what a bank took, or may take, of what was released before. */
function earlierWords(milestone: Milestone, side: Side): string {
  const { hold, waiting, currency } = milestone;
  if (!hold) return '';
  if (isContested(milestone)) return contestedWords(milestone, hold, side);
  const isMine = side === 'freelancer';
  if (hold.owedMinor > 0) {
    const owed = formatMoney(hold.owedMinor, currency);
    if (waiting?.reason === 'recovery')
      return isMine ? m.money_debt_waits_mine({ owed }) : m.money_debt_waits({ owed });
    return isMine ? m.money_debt_mine({ owed }) : m.money_debt({ owed });
  }
  if (hold.recoveredMinor > 0) {
    const recovered = formatMoney(hold.recoveredMinor, currency);
    return isMine ? m.money_debt_over_mine({ recovered }) : m.money_debt_over({ recovered });
  }
  return '';
}

/** What the bank decides about, and what can be decided about here meanwhile. */
function frozenWords(milestone: Milestone, hold: Hold, side: Side): string {
  const amount = formatMoney(hold.frozenMinor, hold.currency);
  const due = milestone.clocks.find(({ kind }) => kind === 'evidence')?.dueAt;
  const free = freeOf(hold);
  return sentences(
    due ? m.money_next_frozen_evidence({ amount, date: formatDate(due) }) : m.money_next_frozen({ amount }),
    ...besideFrozen(milestone, hold, side),
    free > 0 ? freeWords[side]({ free: formatMoney(free, hold.currency) }) : '',
  );
}

const freeWords: Record<Side, (words: { free: string }) => string> = {
  client: m.money_next_free_client,
  freelancer: m.money_next_free_freelancer,
  watcher: m.money_next_free,
};

/** The day from which on a bank can have it, where that is still to come when it is decided. */
function availableWords({ hold }: Milestone): string {
  if (!hold?.availableAt || hold.availableAt <= (hold.settledAt ?? '')) return '';
  return ` ${m.money_next_available({ date: formatDate(hold.availableAt) })}`;
}

/** `net`: what would reach the freelancer; null where the fee of what is left is not known. */
function reviewWords({ clocks, currency }: Milestone, { side, payer: name }: Payer, net: number | null): string {
  const review = clocks.find(({ kind }) => kind === 'review');
  if (!review?.dueAt) return m.money_next_review_paused();
  const date = formatDate(review.dueAt);
  if (side === 'client') return m.money_next_review({ date });
  const payer = name ?? m.money_the_client_first();
  if (net === null) return m.money_next_review_rest({ payer, date });
  return m.money_next_review_other({ payer, date, net: formatMoney(net, currency) });
}

/** What waits for payouts does not all wait for them alone. */
function bankWords(milestone: Milestone, side: Side): string {
  const { waiting, hold } = milestone;
  if (waiting?.reason !== 'payout_onboarding' || !hold || !isContested(milestone)) return '';
  return contestedWords(milestone, hold, side);
}

/** What was handed in does not wait for other money that the client is asked about. */
function besideWords({ status, waiting, clocks, proposal }: Milestone, side: Side): string {
  const due = clocks.find(({ kind }) => kind === 'review')?.dueAt;
  if (side !== 'client' || waiting?.on !== 'client' || status !== 'submitted' || !due) return '';
  const words = { date: formatDate(due) };
  return proposal?.acceptedBy ? m.money_next_review_agreed(words) : m.money_next_review_beside(words);
}

type Payer = Pick<Standpoint, 'side' | 'payer'>;

function waitingWords(milestone: Milestone, { side, payer = m.money_the_client() }: Payer): string {
  const { waiting, currency } = milestone;
  switch (waiting?.reason) {
    case 'card':
      return m.money_wait_card();
    case 'challenge':
      return m.money_wait_challenge();
    case 'declined':
      return m.money_wait_declined();
    case 'expired':
      return m.money_wait_expired();
    case 'payout_onboarding': {
      const net = formatMoney(netUnderWay(milestone), currency);
      return side === 'freelancer' ? m.money_wait_onboarding({ net }) : m.money_wait_onboarding_other({ net });
    }
    case 'recovery': {
      const owed = formatMoney(milestone.hold?.owedMinor ?? 0, currency);
      const words = side === 'freelancer' ? m.money_wait_recovery({ owed }) : m.money_wait_recovery_other({ owed });
      return sentences(words, milestone.hold ? backWords(milestone.hold, side) : '');
    }
    case 'top_up': {
      const total = formatMoney(askedOf(milestone).clientPaysMinor, currency);
      return side === 'client' ? m.money_wait_top_up({ total }) : m.money_wait_top_up_other({ payer });
    }
    case 'refund_returned': {
      const amount = formatMoney(milestone.hold?.creditMinor ?? 0, currency);
      return side === 'client'
        ? m.money_wait_refund_returned({ amount })
        : m.money_wait_refund_returned_other({ amount });
    }
    default: {
      if (!waiting?.again) return m.money_wait_processor();
      const amount = formatMoney(milestone.hold?.creditMinor ?? 0, currency);
      return side === 'client' ? m.money_wait_refund_again_mine({ amount }) : m.money_wait_refund_again({ amount });
    }
  }
}
