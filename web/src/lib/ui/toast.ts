import { problemText } from '#lib/api/problem-text.ts';
import { m } from '#lib/paraglide/messages.js';
import { fetchPart } from './late.svelte.ts';
import { askToaster } from './toaster.svelte.ts';

// Fetched with the first thing to say: no page waits for it.
async function sonner(text: string) {
  const library = () => Promise.all([import('svelte-sonner'), import('./Toaster.svelte')]);
  const [{ toast }] = await fetchPart(library, text);
  await askToaster();
  return toast;
}

/** Said once, politely, and gone. */
export function toastDone(text: string): void {
  void sonner(text).then((toast) => toast.success(text));
}

/** What was sent and is not decided yet: no tick, no alarm. */
export function toastSent(text: string): void {
  void sonner(text).then((toast) => toast(text));
}

/** Long enough to reach by keyboard. */
export function toastUndo(text: string, undo: () => void): void {
  const action = { label: m.ui_undo(), onClick: undo };
  void sonner(text).then((toast) => toast(text, { duration: 8_000, action }));
}

/** What failed, and again if it can be tried again. */
export function toastProblem(problem: unknown, retry?: () => void): void {
  const action = retry ? { action: { label: m.ui_retry(), onClick: retry } } : {};
  const text = problemText(problem);
  void sonner(text).then((toast) => toast.error(text, { duration: 10_000, ...action }));
}
