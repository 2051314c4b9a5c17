import { navigating, page } from '$app/state';
import { askAgain } from './ask-again.ts';
import type { ApiProblem } from './problem.ts';

/** What pages were answered: by their path, then by the address that was asked. */
const answers = new Map<string, Map<string, unknown>>();

/** Kept for the page that stands here and the one that is on its way. */
export function keep(path: string, address: string, answer: unknown): void {
  for (const other of answers.keys()) if (other !== path && other !== page.url.pathname) answers.delete(other);
  const mine = answers.get(path) ?? new Map<string, unknown>();
  answers.set(path, mine.set(address, answer));
}

/**
 * A page that is read anew where it stands, because something has changed, already shows something. Where the line does not bring
 * the news it stays as it was, typed words included, and is read again with the line. Undefined: the problem is to be told.
 */
export function kept(path: string, address: string, { code }: ApiProblem): unknown {
  if (navigating.to || page.url.pathname !== path || (code !== 'offline' && code !== 'unavailable')) return undefined;
  const answer = answers.get(path)?.get(address);
  if (answer !== undefined) askAgain(address);
  return answer;
}
