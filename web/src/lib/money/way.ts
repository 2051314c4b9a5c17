import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { Project } from '@safesend/shared/projects/project.ts';
import { formatMoney } from '#lib/format/money.ts';
import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';

/** On whose side of the money one stands; other members of the room only look. */
export type Side = 'client' | 'freelancer' | 'watcher';

export function sideOf({ clientId, freelancerId }: Pick<Project, 'clientId' | 'freelancerId'>, userId: string): Side {
  if (userId === clientId) return 'client';
  return userId === freelancerId ? 'freelancer' : 'watcher';
}

export interface Step {
  readonly label: string;
  readonly at: string | null;
}

/** The same four words everywhere, with the moment each was reached. */
export function stepsOf({ hold, submission, status }: Milestone): Step[] {
  const isApproved = status === 'approved' || status === 'released';
  return [
    { label: m.money_step_funded(), at: hold?.fundedAt ?? null },
    { label: m.money_step_delivered(), at: submission?.submittedAt ?? null },
    { label: m.money_step_approved(), at: isApproved ? (submission?.answeredAt ?? null) : null },
    { label: m.money_step_paid(), at: status === 'released' ? (hold?.settledAt ?? null) : null },
  ];
}

/** How many of the four steps are behind it. */
export function stepCount({ status, hold, submission }: Pick<Milestone, 'status' | 'hold' | 'submission'>): number {
  switch (status) {
    case 'released':
      return 4;
    case 'approved':
      return 3;
    case 'submitted':
      return 2;
    case 'disputed':
    case 'refunded':
    case 'cancelled':
      return submission ? 2 : hold?.fundedAt ? 1 : 0;
    default:
      return hold?.fundedAt ? 1 : 0;
  }
}

/** Which step is next; none when it is all done, or over before that. */
export function nextStepOf(milestone: Pick<Milestone, 'status' | 'hold' | 'submission'>): number | null {
  const isOver = milestone.status === 'refunded' || milestone.status === 'cancelled';
  const count = stepCount(milestone);
  return isOver || count === 4 ? null : count;
}

type Tone = 'neutral' | 'accent' | 'positive' | 'warning' | 'danger';

export function stateOf({ status, waiting, hold }: Milestone): { label: string; tone: Tone } {
  if (waiting && waiting.reason !== 'processor') return { label: m.money_state_waiting(), tone: 'warning' };
  if (hold && hold.frozenMinor > 0) return { label: m.money_state_frozen(), tone: 'danger' };
  const states: Record<Milestone['status'], { label: string; tone: Tone }> = {
    planned: { label: m.money_state_planned(), tone: 'neutral' },
    funding: { label: m.money_state_funding(), tone: 'accent' },
    funded: { label: m.money_step_funded(), tone: 'accent' },
    started: { label: m.money_state_started(), tone: 'accent' },
    submitted: { label: m.money_step_delivered(), tone: 'accent' },
    changes_requested: { label: m.money_state_changes(), tone: 'warning' },
    approved: { label: m.money_step_approved(), tone: 'positive' },
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
export function workWords(milestone: Milestone, side: Side, isDraft: boolean): string {
  const { status, hold, quote, currency, waiting } = milestone;
  const money = (minor: number) => formatMoney(minor, currency);
  if (isDraft && status === 'planned') return m.money_next_draft();
  if (waiting) return waitingWords(milestone, side);
  if (hold && hold.frozenMinor > 0) return frozenWords(milestone, money(hold.frozenMinor));
  if (hold && hold.owedMinor > 0) return m.money_next_owed({ owed: money(hold.owedMinor) });
  if (hold && hold.recoveredMinor > 0) return m.money_next_recovered({ recovered: money(hold.recoveredMinor) });
  const total = money(quote.clientPaysMinor);
  const net = money(quote.freelancerGetsMinor);
  const words: Record<Milestone['status'], () => string> = {
    planned: () => (side === 'client' ? m.money_next_fund({ total }) : m.money_next_fund_other()),
    funding: () => m.money_next_funding(),
    funded: () => (side === 'freelancer' ? m.money_next_start() : m.money_next_start_other()),
    started: () => (side === 'freelancer' ? m.money_next_submit({ net }) : m.money_next_submit_other()),
    submitted: () => reviewWords(milestone, side),
    changes_requested: () => (side === 'freelancer' ? m.money_next_changes() : m.money_next_changes_other()),
    approved: () => m.money_next_approved({ net: money(netUnderWay(milestone)) }) + availableWords(milestone),
    released: () =>
      m.money_next_released({ net: money(hold?.paidMinor ?? 0), date: formatDate(hold?.settledAt ?? 0) }) +
      availableWords(milestone),
    refunded: () => m.money_next_refunded({ amount: money((hold?.refundedMinor ?? 0) + (hold?.refundingMinor ?? 0)) }),
    cancelled: () =>
      hold && hold.refundedMinor + hold.refundingMinor > 0
        ? m.money_next_refunded({ amount: money(hold.refundedMinor + hold.refundingMinor) })
        : m.money_next_cancelled(),
    disputed: () => m.money_next_disputed(),
  };
  return words[status]();
}

function frozenWords({ clocks }: Milestone, amount: string): string {
  const due = clocks.find(({ kind }) => kind === 'evidence')?.dueAt;
  return due ? m.money_next_frozen_evidence({ amount, date: formatDate(due) }) : m.money_next_frozen({ amount });
}

/** The day from which on a bank can have it, where that is still to come when it is decided. */
function availableWords({ hold }: Milestone): string {
  if (!hold?.availableAt || hold.availableAt <= (hold.settledAt ?? '')) return '';
  return ` ${m.money_next_available({ date: formatDate(hold.availableAt) })}`;
}

/** What is decided for the freelancer and has not arrived yet. */
function netUnderWay({ hold, quote }: Milestone): number {
  if (!hold) return quote.freelancerGetsMinor;
  return hold.releasedMinor + hold.releasingMinor - hold.platformFeeMinor - hold.paidMinor;
}

function reviewWords({ clocks, quote, currency }: Milestone, side: Side): string {
  const review = clocks.find(({ kind }) => kind === 'review');
  if (!review?.dueAt) return m.money_next_review_paused();
  const date = formatDate(review.dueAt);
  if (side === 'client') return m.money_next_review({ date });
  return m.money_next_review_other({ date, net: formatMoney(quote.freelancerGetsMinor, currency) });
}

function waitingWords(milestone: Milestone, side: Side): string {
  const { waiting, currency } = milestone;
  switch (waiting?.reason) {
    case 'card':
      return side === 'client' ? m.money_wait_card() : m.money_wait_card_other();
    case 'challenge':
      return side === 'client' ? m.money_wait_challenge() : m.money_wait_challenge_other();
    case 'declined':
      return side === 'client' ? m.money_wait_declined() : m.money_wait_declined_other();
    case 'expired':
      return side === 'client' ? m.money_wait_expired() : m.money_wait_expired_other();
    case 'payout_onboarding': {
      const net = formatMoney(netUnderWay(milestone), currency);
      return side === 'freelancer' ? m.money_wait_onboarding({ net }) : m.money_wait_onboarding_other({ net });
    }
    case 'recovery': {
      const owed = formatMoney(milestone.hold?.owedMinor ?? 0, currency);
      return side === 'freelancer' ? m.money_wait_recovery({ owed }) : m.money_wait_recovery_other({ owed });
    }
    case 'top_up': {
      const total = formatMoney(askedOf(milestone).clientPaysMinor, currency);
      return side === 'client' ? m.money_wait_top_up({ total }) : m.money_wait_top_up_other();
    }
    case 'refund_returned': {
      const amount = formatMoney(milestone.hold?.creditMinor ?? 0, currency);
      return side === 'client'
        ? m.money_wait_refund_returned({ amount })
        : m.money_wait_refund_returned_other({ amount });
    }
    default:
      return m.money_wait_processor();
  }
}
