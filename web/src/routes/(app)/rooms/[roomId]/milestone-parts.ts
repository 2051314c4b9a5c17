import { partsOnDemand } from './parts.svelte.ts';

/** What draws milestones. */
export const milestoneParts = partsOnDemand(
  () => import('./milestone-drawing.ts'),
  import.meta.env.SSR ? await import('./milestone-drawing.ts') : null,
);
