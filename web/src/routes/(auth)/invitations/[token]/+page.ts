import { findInvitation } from '#lib/account/invitation.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, fetch, parent }) => ({
  ...(await parent()),
  token: params.token,
  invitation: await findInvitation(params.token, fetch),
});
