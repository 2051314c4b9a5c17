import type { Invitation } from '#lib/account/invitation.ts';
import { m } from '#lib/paraglide/messages.js';

export function isOpen(invitation: Invitation | null): boolean {
  return invitation?.status === 'pending';
}

/** How an invitation ended, where that is known: by nobody's doing, or by whoever made it. */
export function overTitle(invitation: Invitation | null): string {
  if (invitation?.status === 'expired') return m.invitation_over_expired();
  return invitation?.status === 'revoked' ? m.invitation_over_revoked() : m.invitation_over();
}

/** Why an invitation is not open. */
export function overText(invitation: Invitation | null, byToken: boolean): string {
  switch (invitation?.status) {
    case 'accepted':
      return m.invitation_accepted();
    case 'declined':
      return m.invitation_declined();
    case 'revoked':
      return m.invitation_revoked();
    case 'expired':
      return m.invitation_expired();
    default:
      return byToken ? m.invitation_missing() : m.invitation_not_mine();
  }
}
