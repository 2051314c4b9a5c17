import { beforeNavigate } from '$app/navigation';
import { offlineProblem } from '#lib/api/problem.ts';
import { toastProblem } from '#lib/ui/toast.ts';

/**
 * A link that leads out of the program asks the browser for a whole page, and off the line that is a page of the browser's
 * own. One stays where one is then, and is told.
 */
export function stayOffTheLine(): void {
  beforeNavigate(({ type, willUnload, cancel }) => {
    if (type !== 'link' || !willUnload || navigator.onLine) return;
    cancel();
    toastProblem(offlineProblem());
  });
}
