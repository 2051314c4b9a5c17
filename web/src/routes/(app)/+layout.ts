import { redirect } from '@sveltejs/kit';
import { loadLive } from '#lib/live/load.ts';
import { knownSession } from '#lib/session/known.ts';
import { signInPath } from '#lib/session/next.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ parent, url, fetch }) => {
  const session = knownSession(await parent());
  if (!session) redirect(303, signInPath(url));
  return { session, live: await loadLive(fetch, session.inboxRoomId) };
};
