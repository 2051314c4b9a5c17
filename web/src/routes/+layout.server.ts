import { me } from '@safesend/shared/accounts/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';
import type { LayoutServerLoad } from './$types';

const sessionCookies = ['safesend_session', '__Host-safesend_session'];

// Asked by the page renderer and not by the browser: being signed out is no error in anybody's console.
export const load: LayoutServerLoad = async ({ fetch, cookies, depends }) => {
  depends('safesend:session');
  if (!sessionCookies.some((name) => cookies.get(name))) return { session: null };
  try {
    return { session: await send(me, { fetch }) };
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.code === 'unauthenticated') return { session: null };
    throw problem;
  }
};
