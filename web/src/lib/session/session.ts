import { logout } from '@safesend/shared/accounts/calls.ts';
import { goto } from '$app/navigation';
import { ApiProblem } from '#lib/api/problem.ts';
import { send, stopAsking } from '#lib/api/send.ts';
import { signInPath, type Ending } from './next.ts';

/** What `load` functions that read the signed-in account depend on. */
export const sessionKey = 'safesend:session';
/** What the lists in the settings depend on. */
export const settingsKey = 'safesend:settings';

let leaving = false;

/** After a sign-in: every page is asked for anew, as the person one now is. */
export async function enter(path: string): Promise<void> {
  await goto(path, { refreshAll: true, replace: true });
}

/** Signs out here. A session that is already over counts as signed out. */
export async function leave(to = '/signin'): Promise<void> {
  leaving = true;
  try {
    await send(logout);
  } catch (problem) {
    leaving = false;
    if (!(problem instanceof ApiProblem && problem.code === 'unauthenticated')) throw problem;
  }
  stopAsking();
  // A whole new page: nothing of the person who left stays in memory.
  location.assign(to);
}

/** Closes the account by what is handed in: what ends the session then is one's own doing. */
export async function goForGood(close: () => Promise<unknown>): Promise<void> {
  leaving = true;
  try {
    await close();
  } catch (problem) {
    leaving = false;
    throw problem;
  }
  stopAsking();
  location.assign('/signin?ended=closed');
}

/** True from the moment one signs out here until the page is gone. */
export function isLeaving(): boolean {
  return leaving;
}

/** The session ended, elsewhere or by itself: sign in again and come back. Whoever just signed out does not mean to come back. */
export function turnedAway(reason: Ending, back = new URL(location.href)): void {
  stopAsking();
  if (!leaving) location.assign(signInPath(back, reason));
}
