import { invalidate } from '$app/navigation';
import { navigating } from '$app/state';
import { lineIsBack } from './reach.ts';

const waiting = new Set<string>();

/**
 * Reads again what depends on this when the line is back: once for all who asked, and not beside a page that is on its way, which
 * would put what it knew in the place of what is new.
 */
export function askAgain(dependency: string): void {
  waiting.add(dependency);
  if (waiting.size > 1) return;
  void lineIsBack()
    .then(() => navigating.complete?.catch(() => undefined))
    .then(() => {
      const due = [...waiting];
      waiting.clear();
      return Promise.all(due.map((it) => invalidate(it)));
    });
}
