import { me } from '@safesend/shared/accounts/calls.ts';
import { problemText } from '#lib/api/problem-text.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';
import type { LayoutServerLoad } from './$types';

const sessionCookies = ['safesend_session', '__Host-safesend_session'];

// Asked by the page renderer and not by the browser: being signed out is no error in anybody's console.
export const load: LayoutServerLoad = async ({ fetch, cookies, depends, isDataRequest }) => {
  depends('safesend:session');
  if (!sessionCookies.some((name) => cookies.get(name))) return { session: null, unknown: null };
  try {
    return { session: await send(me, { fetch }), unknown: null };
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (problem.code === 'unauthenticated') return { session: null, unknown: null };
    // A page that is open goes on with what it knew. A new one could draw nothing at all without this.
    if (isDataRequest) throw problem;
    const { status, code } = problem;
    return { session: null, unknown: { status: status || 503, code, message: problemText(problem) } };
  }
};
