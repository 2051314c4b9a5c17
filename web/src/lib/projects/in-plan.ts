import type { Milestone } from '@safesend/shared/projects/milestone.ts';

type Planned = Pick<Milestone, 'amountMinor' | 'status'>;

/** What is still in the plan. */
export function inPlan<Item extends Planned>(milestones: readonly Item[]): Item[] {
  return milestones.filter(({ status }) => status !== 'cancelled');
}

/** What the plan comes to: nothing of what went back to the client. The list of projects counts the same. */
export function sumOf(milestones: readonly Planned[]): number {
  const counted = inPlan(milestones).filter(({ status }) => status !== 'refunded');
  return counted.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}
