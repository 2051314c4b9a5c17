import type { MilestoneStatus } from './milestone.ts';

/** States in which the due date still matters: nothing is handed in that waits for an answer, and it is not over. */
export const awaitedStatuses: readonly MilestoneStatus[] = [
  'planned',
  'funding',
  'funded',
  'started',
  'changes_requested',
];
