import type { Milestone, Submission } from '@safesend/shared/projects/milestone.ts';
import { isOver } from '@safesend/shared/projects/standing.ts';
import { m } from '#lib/paraglide/messages.js';

const answered = {
  superseded: m.money_submission_superseded,
  changes_requested: m.money_submission_changes_requested,
  approved: m.money_submission_approved,
};

/**
 * How a delivery was answered: once all money is decided or has gone, what waited for its review waits no longer. The
 * review's end answers nothing.
 */
export function answerWords(
  { status, answeredBy }: Pick<Submission, 'status' | 'answeredBy'>,
  { status: now }: Pick<Milestone, 'status'>,
): string {
  if (status === 'approved' && answeredBy === null) return m.money_submission_released();
  if (status !== 'open') return answered[status]();
  if (now === 'approved' || now === 'released') return m.money_submission_released();
  return isOver(now) ? m.money_submission_ended() : m.money_submission_open();
}
