import { redirect } from '@sveltejs/kit';
import { id } from '@safesend/shared/ids.ts';
import { findInvitation, findMyInvitation, isMyProject } from '#lib/account/invitation.ts';
import { knownSession } from '#lib/session/known.ts';
import { signInPath } from '#lib/session/next.ts';
import type { PageLoad } from './$types';

/** The mail leads here with a token; a notification with the id, which says nothing to anybody else. */
export const load: PageLoad = async ({ params: { token }, url, fetch, parent }) => {
  const data = await parent();
  if (!id.safeParse(token).success) {
    const invitation = await findInvitation(token, fetch);
    const isOpen = invitation?.status === 'pending' && data.session !== null;
    return { ...data, token, invitation, isMember: isOpen && (await isMyProject(invitation.projectId, fetch)) };
  }
  if (!knownSession(data)) redirect(303, signInPath(url));
  return { ...data, token: undefined, invitation: await findMyInvitation(token, fetch), isMember: false };
};
