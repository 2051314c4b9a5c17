import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { isMove } from '@safesend/shared/projects/moves.ts';
import { m } from '#lib/paraglide/messages.js';
import { nextOf, type Standpoint } from './next.ts';
import { reviewStep, workStep, type Offer } from './steps.ts';

/** What else may be done; behind the details. */
export function otherSteps(milestone: Milestone, at: Standpoint): Offer[] {
  const { proposal, cancellation } = milestone;
  const { side, myId } = at;
  const offers: Offer[] = [];
  if (side === 'watcher') return offers;
  const [next, work, review] = [nextOf(milestone, at).offer, workStep(milestone, side), reviewStep(milestone, side)];
  if (work && next?.step !== work.step) offers.push(work);
  if (review && ![next?.step, work?.step].includes('approve')) offers.push(review);
  const isHandedIn = isMove(milestone, 'answer');
  if (isHandedIn && side === 'client') offers.push({ step: 'changes', label: m.money_do_changes() });
  if (isHandedIn && side === 'freelancer') offers.push({ step: 'submit', label: m.money_do_submit_newer() });
  // What both sides agreed to is nobody's proposal any more.
  if (proposal?.acceptedBy) offers.push({ step: 'proposal', label: m.money_do_agreed() });
  else if (proposal?.proposedBy === myId) offers.push({ step: 'proposal', label: m.money_do_my_proposal() });
  if (cancellation?.requestedBy === myId) offers.push({ step: 'ending', label: m.money_do_my_ending() });
  if (side === 'client' && isMove(milestone, 'release')) offers.push({ step: 'release', label: m.money_do_release() });
  if (side === 'freelancer' && isMove(milestone, 'refund')) offers.push({ step: 'refund', label: m.money_do_refund() });
  if (!proposal && isMove(milestone, 'propose')) offers.push({ step: 'propose', label: m.money_do_propose() });
  if (!cancellation && isMove(milestone, 'end')) offers.push({ step: 'end', label: m.money_do_end() });
  return offers;
}
