import { partsOnDemand } from './parts.svelte.ts';

/** What draws files. */
export const fileParts = partsOnDemand(
  () => import('./room-parts.ts'),
  import.meta.env.SSR ? await import('./room-parts.ts') : null,
);
