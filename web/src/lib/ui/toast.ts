import { ApiProblem } from '#lib/api/problem.ts';
import { problemText } from '#lib/api/problem-text.ts';
import { m } from '#lib/paraglide/messages.js';
import { fetchPart } from './late.svelte.ts';
import { askToaster, saidHere } from './toaster.svelte.ts';

type Toast = Awaited<ReturnType<typeof sonner>>;

/** Says something that is of this page, and goes with it. */
function say(text: string, show: (toast: Toast) => string | number): void {
  const at = Date.now();
  void sonner(text).then((toast) => {
    const id = show(toast);
    saidHere(at, () => toast.dismiss(id));
  });
}

// Fetched with the first thing to say: no page waits for it.
async function sonner(text: string) {
  const library = () => Promise.all([import('svelte-sonner'), import('./Toaster.svelte')]);
  const [{ toast }] = await fetchPart(library, text);
  await askToaster();
  return toast;
}

/** Said once, politely, and gone. */
export function toastDone(text: string): void {
  say(text, (toast) => toast.success(text));
}

/** What was sent and is not decided yet: no tick, no alarm. */
export function toastSent(text: string): void {
  say(text, (toast) => toast(text));
}

/** Long enough to reach by keyboard, wherever one goes meanwhile. */
export function toastUndo(text: string, undo: () => void): void {
  const action = { label: m.ui_undo(), onClick: undo };
  void sonner(text).then((toast) => toast(text, { duration: 8_000, action }));
}

/** What failed, and again if it can be tried again. What nobody can mend here names its request, and stays until that is copied. */
export function toastProblem(problem: unknown, retry?: () => void): void {
  const action = retry ? { action: { label: m.ui_retry(), onClick: retry } } : {};
  const text = problemText(problem);
  void requestOf(problem).then((request) => {
    const show = (toast: Toast) => toast.error(text, { duration: 10_000, ...request, ...action });
    if (request) void sonner(text).then(show);
    else say(text, show);
  });
}

async function requestOf(problem: unknown) {
  const id = problem instanceof ApiProblem && problem.code === 'unexpected' ? problem.requestId : undefined;
  // Without the line there is no request to name either.
  const part = id === undefined ? null : await import('./RequestId.svelte').catch(() => null);
  return part && { duration: Number.POSITIVE_INFINITY, description: part.default, componentProps: { id } };
}
