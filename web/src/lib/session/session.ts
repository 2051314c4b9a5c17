import { logout } from '@safesend/shared/accounts/calls.ts';
import { goto } from '$app/navigation';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';

/** What `load` functions that read the signed-in account depend on. */
export const sessionKey = 'safesend:session';

/** After a sign-in: every page is asked for anew, as the person one now is. */
export async function enter(path: string): Promise<void> {
  await goto(path, { refreshAll: true, replace: true });
}

/** Signs out here. A session that is already over counts as signed out. */
export async function leave(): Promise<void> {
  try {
    await send(logout);
  } catch (problem) {
    if (!(problem instanceof ApiProblem && problem.code === 'unauthenticated')) throw problem;
  }
  // A whole new page: nothing of the person who left stays in memory.
  location.assign('/signin');
}
