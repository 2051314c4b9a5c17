import { email } from '@safesend/shared/accounts/user.ts';
import { findInvitation } from '#lib/account/invitation.ts';
import { guestsOnly } from '#lib/session/guest.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  const { next } = await guestsOnly(event);
  const token = event.url.searchParams.get('invitation');
  const invitation = token ? await findInvitation(token, event.fetch) : null;
  if (invitation?.status !== 'pending') return { next, token, invitation: null, address: '' };
  // Whoever came by the mail sees the address it was sent to; to anybody else it is masked, and no address.
  return { next, token, invitation, address: email.safeParse(invitation.label).data ?? '' };
};
