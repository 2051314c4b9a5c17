import { email } from '@safesend/shared/accounts/user.ts';
import { findInvitation } from '#lib/account/invitation.ts';
import { findRegistrationMode } from '#lib/account/registration.ts';
import { guestsOnly } from '#lib/session/guest.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  const { next } = await guestsOnly(event);
  const token = event.url.searchParams.get('invitation');
  const [mode, found] = await Promise.all([
    findRegistrationMode(event.fetch),
    token ? findInvitation(token, event.fetch) : null,
  ]);
  const invitation = found?.status === 'pending' ? found : null;
  const isClosed = mode === 'invitation-only' && !invitation;
  // Whoever came by the mail sees the address it was sent to; to anybody else it is masked, and no address.
  return { next, token, invitation, isClosed, address: email.safeParse(invitation?.label).data ?? '' };
};
