import { toast } from 'svelte-sonner';
import { problemText } from '#lib/api/problem-text.ts';
import { m } from '#lib/paraglide/messages.js';

/** Said once, politely, and gone. */
export function toastDone(text: string): void {
  toast.success(text);
}

/** Long enough to reach by keyboard. */
export function toastUndo(text: string, undo: () => void): void {
  toast(text, { duration: 8_000, action: { label: m.ui_undo(), onClick: undo } });
}

/** What failed, and again if it can be tried again. */
export function toastProblem(problem: unknown, retry?: () => void): void {
  toast.error(problemText(problem), {
    duration: 10_000,
    ...(retry ? { action: { label: m.ui_retry(), onClick: retry } } : {}),
  });
}
