import { findInvitation } from '#lib/account/invitation.ts';
import { guestsOnly } from '#lib/session/guest.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  const { next } = await guestsOnly(event);
  const token = event.url.searchParams.get('invitation');
  const invitation = token ? await findInvitation(token, event.fetch) : null;
  return { next, token, invitation: invitation?.status === 'pending' ? invitation : null };
};
