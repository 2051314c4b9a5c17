import { problemText } from '#lib/api/problem-text.ts';
import { m } from '#lib/paraglide/messages.js';
import { askToaster } from './toaster.svelte.ts';

// Fetched with the first thing to say: no page waits for it.
async function sonner() {
  const [{ toast }] = await Promise.all([import('svelte-sonner'), askToaster()]);
  return toast;
}

/** Said once, politely, and gone. */
export function toastDone(text: string): void {
  void sonner().then((toast) => toast.success(text));
}

/** Long enough to reach by keyboard. */
export function toastUndo(text: string, undo: () => void): void {
  const action = { label: m.ui_undo(), onClick: undo };
  void sonner().then((toast) => toast(text, { duration: 8_000, action }));
}

/** What failed, and again if it can be tried again. */
export function toastProblem(problem: unknown, retry?: () => void): void {
  const action = retry ? { action: { label: m.ui_retry(), onClick: retry } } : {};
  void sonner().then((toast) => toast.error(problemText(problem), { duration: 10_000, ...action }));
}
