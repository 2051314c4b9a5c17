import type { Milestone, MilestoneStanding } from './milestone.ts';

/**
 * What a bank took back, or may take back, is not paid; and what was declined is not being paid. The list of projects counts
 * the same in its own words.
 */
export function standingOf(milestone: Pick<Milestone, 'status' | 'hold' | 'clocks' | 'waiting'>): MilestoneStanding {
  if (isContested(milestone)) return 'contested';
  if (milestone.status === 'funding' && milestone.waiting?.reason === 'declined') return 'planned';
  return isChargedBack(milestone) ? 'charged_back' : milestone.status;
}

/** The bank took of the freelancer what he had been paid. */
export function isTakenBack({ status, hold }: Pick<Milestone, 'status' | 'hold'>): boolean {
  return status === 'released' && hold !== null && hold.owedMinor + hold.recoveredMinor > 0;
}

/** Nothing is left to decide about its money, and a bank took some of it back. */
export function isChargedBack({ status, hold }: Pick<Milestone, 'status' | 'hold'>): boolean {
  return isOver(status) && hold !== null && hold.chargedBackMinor + hold.owedMinor + hold.recoveredMinor > 0;
}

/** A bank has not decided yet about money that is not held any more: the time for evidence tells of it, also once it is over. */
export function isContested({ clocks, hold }: Pick<Milestone, 'clocks' | 'hold'>): boolean {
  return hold !== null && hold.frozenMinor === 0 && clocks.some(({ kind }) => kind === 'evidence');
}

export function isOver(status: Milestone['status']): boolean {
  return status === 'refunded' || status === 'cancelled' || status === 'released';
}
