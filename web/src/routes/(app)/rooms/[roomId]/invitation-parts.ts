import { partsOnDemand } from './parts.svelte.ts';

/** What draws open invitations. */
export const invitationParts = partsOnDemand(
  () => import('./InvitationRow.svelte'),
  import.meta.env.SSR ? await import('./InvitationRow.svelte') : null,
);
