import { redirect } from '@sveltejs/kit';
import { signInPath } from '#lib/session/next.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ parent, url }) => {
  const { session } = await parent();
  if (!session) redirect(303, signInPath(url));
  return { session };
};
