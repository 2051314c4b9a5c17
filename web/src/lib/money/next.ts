import type { FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { freeOf, isAtWork } from '@safesend/shared/projects/moves.ts';
import { formatMoney } from '#lib/format/money.ts';
import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';
import { reviewStep, workStep, type Offer } from './steps.ts';
import type { Side } from './side.ts';
import { goesOn, workWords } from './way.ts';

/** Who asks. */
export interface Standpoint {
  readonly side: Side;
  readonly myId: string;
  /** Both sides are not in the project yet. */
  readonly isDraft: boolean;
  /** What the project's fees are, where that is known: without them no sum after them is said. */
  readonly terms?: FeeTerms | undefined;
  /** What whoever pays is called, where that is known: more than one may be clients of a project. */
  readonly payer?: string | undefined;
}

export interface Next {
  /** What happens next and whose turn it is, in one sentence. */
  readonly words: string;
  /** What is mine to do; null when it is not my turn. */
  readonly offer: Offer | null;
}

/** The one place that decides what comes next: a question between the two sides goes before the work. */
export function nextOf(milestone: Milestone, at: Standpoint): Next {
  return questionOf(milestone, at) ?? workOf(milestone, at);
}

const asking: Readonly<Record<string, Partial<Milestone>>> = {
  'milestone.cancellation.requested': { proposal: null },
  'milestone.change.proposed': { cancellation: null },
};

/** The review stands beside a question of the other side or a payment, which do not stop its clock: it can be answered as well. */
export function besides(offer: Offer | null, milestone: Milestone, side: Side): readonly Offer[] {
  const review = reviewStep(milestone, side);
  if (!offer || !review) return [];
  const changes = { step: 'changes', label: m.money_do_changes() } as const;
  return offer.step === 'approve' ? [changes] : [review, changes];
}

/** What comes next under one line: a question where it was asked, as long as it is open; the work under the newest. */
export function nextUnder(
  line: { readonly type: string; readonly isNewest: boolean },
  milestone: Milestone,
  at: Standpoint,
): Next | null {
  const others = asking[line.type];
  const question = others ? questionOf({ ...milestone, ...others }, at) : null;
  // What the work itself asks for stands under the newest line.
  if (question) return question.offer?.step === 'approve' && !line.isNewest ? { ...question, offer: null } : question;
  const work = line.isNewest ? workOf(milestone, at) : null;
  const answer = line.type === 'milestone.change.proposed' ? awaitedWords(milestone, at) : null;
  if (answer === null) return work;
  return { words: work ? `${answer} ${work.words}` : answer, offer: work?.offer ?? null };
}

/** Until when the other side answers what I proposed, or one side what the other did. */
function awaitedWords(milestone: Milestone, { side }: Standpoint): string | null {
  const { proposal } = milestone;
  if (!isAtWork(milestone) || !proposal || proposal.acceptedBy) return null;
  const date = formatDate(proposal.answerBy);
  return side === 'watcher' ? m.money_next_proposal_watcher({ date }) : m.money_next_proposal_mine({ date });
}

function questionOf(milestone: Milestone, at: Standpoint): Next | null {
  return isAtWork(milestone) ? (endingOf(milestone, at) ?? proposalOf(milestone, at)) : null;
}

function workOf(milestone: Milestone, at: Standpoint): Next {
  return { words: workWords(milestone, at), offer: workStep(milestone, at.side) };
}

/** A part was released or given back since: who answers has seen another amount, and the server takes no yes any more. */
export function isStale({ cancellation, hold }: Pick<Milestone, 'cancellation' | 'hold'>): boolean {
  return cancellation !== null && hold !== null && hold.heldMinor !== cancellation.refundMinor;
}

/** A review does not wait for the answer: what it releases at its end, and how the client keeps it from that. */
export function reviewGoesOn({ status, clocks, hold, currency }: Milestone, side: Side): string {
  const due = clocks.find(({ kind }) => kind === 'review')?.dueAt;
  if (side !== 'client' || status !== 'submitted' || !due) return '';
  return ` ${m.money_next_review_goes_on({ amount: formatMoney(freeOf(hold), currency), date: formatDate(due) })}`;
}

function endingOf(milestone: Milestone, { side, myId }: Standpoint): Next | null {
  const { cancellation, waiting, currency, status } = milestone;
  if (!cancellation) return null;
  const date = formatDate(cancellation.answerBy);
  if (side === 'watcher') return { words: m.money_next_ending_watcher({ date }), offer: null };
  const review = reviewGoesOn(milestone, side);
  if (cancellation.requestedBy === myId) {
    const words = isStale(milestone) ? m.money_next_ending_again() : m.money_next_ending_mine({ date });
    // Who asked can still answer what was handed in.
    if (waiting && !goesOn(milestone, side)) return null;
    return { words: words + review, offer: status === 'submitted' ? workStep(milestone, side) : null };
  }
  const offer = { step: 'ending', label: m.money_do_answer() } as const;
  if (isStale(milestone)) return { words: m.money_next_ending_stale({ date }) + review, offer };
  const amount = formatMoney(cancellation.refundMinor, currency);
  const words =
    side === 'client' ? m.money_next_ending_client({ date, amount }) : m.money_next_ending({ date, amount });
  return { words: words + review, offer };
}

/** Whoever proposed goes on working meanwhile. */
function proposalOf({ proposal }: Milestone, { side, myId }: Standpoint): Next | null {
  if (!proposal || proposal.acceptedBy || proposal.proposedBy === myId || side === 'watcher') return null;
  const words = m.money_next_proposal({ date: formatDate(proposal.answerBy) });
  return { words, offer: { step: 'proposal', label: m.money_do_look() } };
}
