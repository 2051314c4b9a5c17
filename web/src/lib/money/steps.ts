import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Side } from './way.ts';

/** Everything somebody can do about a milestone's money and work; each is a panel of its own. */
export type MoneyStep =
  | 'details'
  | 'fund'
  | 'finish'
  | 'start'
  | 'submit'
  | 'approve'
  | 'changes'
  | 'release'
  | 'refund'
  | 'again'
  | 'propose'
  | 'proposal'
  | 'end'
  | 'ending';

const steps: ReadonlySet<string> = new Set<MoneyStep>([
  ...(['details', 'fund', 'finish', 'start', 'submit', 'approve', 'changes'] as const),
  ...(['release', 'refund', 'again', 'propose', 'proposal', 'end', 'ending'] as const),
]);

export function isStep(text: string | null): text is MoneyStep {
  return text !== null && steps.has(text);
}

export interface Offer {
  readonly step: MoneyStep;
  readonly label: string;
}

/** What is mine to do next; null when it is not my turn. The server has the last word. */
export function nextStep(milestone: Milestone, side: Side, myId: string): Offer | null {
  if (side === 'watcher') return null;
  const { status, waiting, proposal, cancellation } = milestone;
  if (cancellation && cancellation.requestedBy !== myId) return { step: 'ending', label: m.money_do_answer() };
  if (proposal && !proposal.acceptedBy && proposal.proposedBy !== myId)
    return { step: 'proposal', label: m.money_do_look() };
  if (side === 'client') {
    if (waiting?.reason === 'top_up') return { step: 'fund', label: m.money_do_top_up() };
    if ((status === 'funding' || proposal?.acceptedBy) && waiting?.paymentId)
      return { step: 'finish', label: m.money_do_finish() };
    if (waiting?.reason === 'refund_returned') return { step: 'again', label: m.money_do_refund_again() };
    if (status === 'planned') return { step: 'fund', label: m.money_do_fund() };
    return status === 'submitted' ? { step: 'approve', label: m.money_do_approve() } : null;
  }
  if (status === 'funded') return { step: 'start', label: m.money_do_start() };
  return status === 'started' || status === 'changes_requested' ? { step: 'submit', label: m.money_do_submit() } : null;
}

const working = new Set<Milestone['status']>(['funded', 'started', 'submitted', 'changes_requested']);

/** What else may be done; behind the details. */
export function otherSteps(milestone: Milestone, side: Side, myId: string): Offer[] {
  const { status, hold, proposal, cancellation } = milestone;
  const offers: Offer[] = [];
  if (side === 'watcher') return offers;
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

/** Leads straight to a step in its room. */
export function stepHref(roomId: string, milestoneId: string, step: MoneyStep): string {
  return `/rooms/${roomId}?milestone=${milestoneId}&do=${step}`;
}
