import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { m } from '#lib/paraglide/messages.js';
import { nextOf, type Standpoint } from './next.ts';
import { isAtWork, workStep, type Offer } from './steps.ts';

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
  if (!isAtWork(milestone) || !hold || hold.heldMinor === 0) return offers;
  if (side === 'client') offers.push({ step: 'release', label: m.money_do_release() });
  if (side === 'freelancer') offers.push({ step: 'refund', label: m.money_do_refund() });
  if (!proposal) offers.push({ step: 'propose', label: m.money_do_propose() });
  if (!cancellation) offers.push({ step: 'end', label: m.money_do_end() });
  return offers;
}
