import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { formatMoney } from '#lib/format/money.ts';
import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';
import { workStep, type Offer } from './steps.ts';
import { workWords, type Side } from './way.ts';

/** Who asks. */
export interface Standpoint {
  readonly side: Side;
  readonly myId: string;
  /** Both sides are not in the project yet. */
  readonly isDraft: boolean;
}

export interface Next {
  /** What happens next and whose turn it is, in one sentence. */
  readonly words: string;
  /** What is mine to do; null when it is not my turn. */
  readonly offer: Offer | null;
}

/** The one place that decides what comes next: a question between the two sides goes before the work. */
export function nextOf(milestone: Milestone, at: Standpoint): Next {
  const question = working.has(milestone.status) ? (endingOf(milestone, at) ?? proposalOf(milestone, at)) : null;
  return question ?? { words: workWords(milestone, at.side, at.isDraft), offer: workStep(milestone, at.side) };
}

const working: ReadonlySet<Milestone['status']> = new Set(['funded', 'started', 'submitted', 'changes_requested']);

function endingOf({ cancellation, waiting, currency }: Milestone, { side, myId }: Standpoint): Next | null {
  if (!cancellation) return null;
  const date = formatDate(cancellation.answerBy);
  if (side === 'watcher') return { words: m.money_next_ending_watcher({ date }), offer: null };
  if (cancellation.requestedBy === myId)
    return waiting ? null : { words: m.money_next_ending_mine({ date }), offer: null };
  const amount = formatMoney(cancellation.refundMinor, currency);
  return { words: m.money_next_ending({ date, amount }), offer: { step: 'ending', label: m.money_do_answer() } };
}

/** Whoever proposed goes on working meanwhile. */
function proposalOf({ proposal }: Milestone, { side, myId }: Standpoint): Next | null {
  if (!proposal || proposal.acceptedBy || proposal.proposedBy === myId || side === 'watcher') return null;
  const words = m.money_next_proposal({ date: formatDate(proposal.answerBy) });
  return { words, offer: { step: 'proposal', label: m.money_do_look() } };
}

/** What else may be done; behind the details. */
export function otherSteps(milestone: Milestone, at: Standpoint): Offer[] {
  const { status, hold, proposal, cancellation } = milestone;
  const { side, myId } = at;
  const offers: Offer[] = [];
  if (side === 'watcher') return offers;
  const work = workStep(milestone, side);
  if (work && nextOf(milestone, at).offer?.step !== work.step) offers.push(work);
  if (status === 'submitted' && side === 'client') offers.push({ step: 'changes', label: m.money_do_changes() });
  if (status === 'submitted' && side === 'freelancer')
    offers.push({ step: 'submit', label: m.money_do_submit_newer() });
  if (proposal && (proposal.acceptedBy ?? proposal.proposedBy === myId))
    offers.push({ step: 'proposal', label: m.money_do_my_proposal() });
  if (cancellation?.requestedBy === myId) offers.push({ step: 'ending', label: m.money_do_my_ending() });
  if (!working.has(status) || !hold || hold.heldMinor === 0) return offers;
  if (side === 'client') offers.push({ step: 'release', label: m.money_do_release() });
  if (side === 'freelancer') offers.push({ step: 'refund', label: m.money_do_refund() });
  if (!proposal) offers.push({ step: 'propose', label: m.money_do_propose() });
  if (!cancellation) offers.push({ step: 'end', label: m.money_do_end() });
  return offers;
}
