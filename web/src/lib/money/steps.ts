import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { isMove } from '@safesend/shared/projects/moves.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Side } from './side.ts';
import type { MoneyStep } from './step.ts';

export interface Offer {
  readonly step: MoneyStep;
  readonly label: string;
}

/** What the work itself asks of this side; null when it is not its turn. The server has the last word. */
export function workStep(milestone: Milestone, side: Side): Offer | null {
  const { status, waiting, proposal } = milestone;
  if (side === 'watcher') return null;
  if (side === 'client') {
    if (isToBePaid(milestone)) return { step: 'fund', label: m.money_do_top_up() };
    if ((status === 'funding' || proposal?.acceptedBy) && waiting?.paymentId)
      return { step: 'finish', label: waiting.reason === 'declined' ? m.ui_retry() : m.money_do_finish() };
    if (isToBeGivenAgain(milestone)) return { step: 'again', label: m.money_do_refund_again() };
    if (status === 'planned') return { step: 'fund', label: m.money_do_fund() };
    return reviewStep(milestone, side);
  }
  if (isMove(milestone, 'start')) return { step: 'start', label: m.money_do_start() };
  // A newer delivery is no turn: it stands behind the details.
  const isTurn = isMove(milestone, 'submit') && status !== 'submitted';
  return isTurn ? { step: 'submit', label: m.money_do_submit() } : null;
}

// Both stay to be done whatever else the milestone waits for: that freelancer’s payouts are set up for instance.

function isToBePaid({ proposal, clocks, waiting }: Milestone): boolean {
  if (waiting?.reason === 'top_up') return true;
  const isUnderWay = (waiting?.paymentId ?? null) !== null || clocks.some(({ kind }) => kind === 'payment');
  return Boolean(proposal?.acceptedBy) && !isUnderWay;
}

function isToBeGivenAgain({ hold, waiting }: Milestone): boolean {
  return waiting?.reason === 'refund_returned' || (waiting?.again !== true && (hold?.creditMinor ?? 0) > 0);
}

/** What was handed in can be approved whatever other money waits for the client: the work does not wait for that. */
export function reviewStep(milestone: Milestone, side: Side): Offer | null {
  const isMine = side === 'client' && isMove(milestone, 'answer');
  return isMine ? { step: 'approve', label: m.money_do_approve() } : null;
}

/** Of several milestones to pay for only the next one calls for it; the others may wait. */
export function isForemost(
  { step }: Offer,
  { id, status }: Pick<Milestone, 'id' | 'status'>,
  all: readonly Pick<Milestone, 'id' | 'status'>[],
): boolean {
  return step !== 'fund' || status !== 'planned' || all.find((it) => it.status === 'planned')?.id === id;
}

/** Leads straight to a step in its room. */
export function stepHref(roomId: string, milestoneId: string, step: MoneyStep): string {
  return `/rooms/${roomId}?milestone=${milestoneId}&do=${step}`;
}
