import { redirect } from '@sveltejs/kit';
import { id } from '@safesend/shared/ids.ts';
import { findInvitation, findMyInvitation, isMyProject, type Invitation } from '#lib/account/invitation.ts';
import { knownSession } from '#lib/session/known.ts';
import { signInPath } from '#lib/session/next.ts';
import type { PageLoad } from './$types';

/** The mail leads here with a token; a notification with the id, which says nothing to anybody else. */
export const load: PageLoad = async ({ params: { token }, url, fetch, parent }) => {
  const data = await parent();
  if (!id.safeParse(token).success) {
    return { ...data, token, ...(await inHand(await findInvitation(token, fetch))) };
  }
  if (!knownSession(data)) redirect(303, signInPath(url));
  return { ...data, token: undefined, ...(await inHand(await findMyInvitation(token, fetch))) };

  async function inHand(invitation: Invitation | null) {
    const isOpen = invitation?.status === 'pending' && data.session !== null;
    return { invitation, isMember: isOpen && (await isMyProject(invitation.projectId, fetch)) };
  }
};
