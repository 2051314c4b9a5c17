import { partsOnDemand } from './parts.svelte.ts';

/** What draws milestones. */
export const milestoneParts = partsOnDemand(
  () => import('./MilestoneCard.svelte'),
  import.meta.env.SSR ? await import('./MilestoneCard.svelte') : null,
);
