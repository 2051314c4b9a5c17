import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { isOver, isTakenBack } from '@safesend/shared/projects/standing.ts';
import { m } from '#lib/paraglide/messages.js';

type Told = Pick<Milestone, 'status' | 'hold' | 'submission'>;

export interface Stage {
  readonly label: string;
  /** When it was reached. */
  readonly at: string | null;
  /** Of the one that comes next: it was there before and is to be reached anew. */
  readonly isAgain?: boolean;
  /** `skipped`: a later one was reached without it; `lost`: it was reached, and a bank took it back. */
  readonly is: 'done' | 'current' | 'ahead' | 'skipped' | 'lost';
}

/** Nothing waits to be answered: what was handed in is to be handed in anew, or was never. */
const atWork: ReadonlySet<Milestone['status']> = new Set([
  ...(['planned', 'funding', 'funded', 'started', 'changes_requested'] as const),
]);

const isHandedIn = ({ status, submission }: Told) => submission !== null && !atWork.has(status);
/** By the client: the end of a review that nobody answered does not look at anything. */
const isApproved = (it: Told) =>
  isHandedIn(it) && it.submission?.status === 'approved' && it.submission.answeredBy !== null;

/** All of it was decided for the freelancer part by part, or at the end of the review: nobody approved anything. */
export function isReleasedUnapproved(milestone: Told): boolean {
  return (milestone.status === 'approved' || milestone.status === 'released') && !isApproved(milestone);
}

/** When its review ended, where that released it. */
function endOf(submission: Told['submission']): string | null {
  return submission?.status === 'approved' ? submission.answeredAt : null;
}

/** The same four words everywhere, with the moment each was reached; others where something else happened. */
export function stagesOf(milestone: Told): Stage[] {
  const { hold, submission, status } = milestone;
  const stages = [
    { label: m.money_step_funded(), at: hold?.fundedAt ?? null, isReached: Boolean(hold?.fundedAt) },
    { label: m.money_step_delivered(), at: submission?.submittedAt ?? null, isReached: isHandedIn(milestone) },
    isReleasedUnapproved(milestone)
      ? { label: m.money_step_released(), at: endOf(submission), isReached: true }
      : { label: m.money_step_approved(), at: submission?.answeredAt ?? null, isReached: isApproved(milestone) },
    isTakenBack(milestone)
      ? { label: m.money_state_charged_back(), at: null, isReached: false }
      : { label: m.money_step_paid(), at: hold?.settledAt ?? null, isReached: status === 'released' },
  ];
  const last = stages.findLastIndex(({ isReached }) => isReached);
  const next = isOver(status) ? null : last + 1;
  return stages.map(({ label, at, isReached }, index) => {
    if (isReached) return { label, at, is: 'done' };
    if (index < last) return { label, at: null, is: 'skipped' };
    if (index === next) return { label, at: null, is: 'current', isAgain: index === 1 && submission !== null };
    return { label, at: null, is: isTakenBack(milestone) ? 'lost' : 'ahead' };
  });
}
