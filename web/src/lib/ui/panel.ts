/** The veil behind a dialog. */
export const overlayLook =
  'fixed inset-0 z-40 bg-black/45 data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=closed]:animate-out data-[state=closed]:fade-out-0';

/** A dialog: a sheet from below on a phone, a panel in the middle elsewhere. */
export const panelLook =
  'fixed inset-x-0 bottom-0 z-40 flex max-h-[92dvh] flex-col rounded-t-2xl border border-border bg-raised shadow-lg outline-none duration-150 data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:slide-in-from-bottom-4 data-[state=closed]:animate-out data-[state=closed]:fade-out-0 sm:inset-x-auto sm:start-1/2 sm:top-1/2 sm:bottom-auto sm:max-h-[86dvh] sm:w-[calc(100vw-3rem)] sm:-translate-1/2 sm:rounded-xl';

/** What is written into or chosen from. A tick is beside what is asked, and a button is an answer to it. */
const fields = [
  'input:not([type=hidden], [type=file], [type=checkbox])',
  ...['textarea', 'select', '[contenteditable=true]', '[aria-haspopup=listbox]', '[role=radio]'],
]
  .map((it) => `${it}:not([tabindex="-1"])`)
  .join();

/** The two parts of a dialog in which the focus may begin. */
interface Parts {
  readonly panel: HTMLElement;
  readonly body: HTMLElement;
  readonly footer: HTMLElement | null;
}

/**
 * Where somebody begins who opens a dialog, as the ARIA Authoring Practices advise: at what is asked of him, else at the answer; where
 * that cannot be taken back, at the one that changes nothing. Without either it is the dialog itself, which is read from its top.
 */
export function focusFirst({ panel, body, footer }: Parts, isFinal: boolean): void {
  // What is in it may have taken the focus by itself.
  if (panel.contains(document.activeElement)) return;
  const places = [...body.querySelectorAll<HTMLElement>(fields)].filter((it) => isInSight(it, body));
  const answers = [...(footer?.querySelectorAll<HTMLElement>('button, a[href]') ?? [])];
  for (const place of [...places, ...(isFinal ? answers : answers.reverse())]) {
    place.focus({ preventScroll: true });
    // What is disabled or not drawn takes none.
    if (document.activeElement === place) return;
  }
  panel.focus({ preventScroll: true });
}

/** Whoever begins further down has not seen what it is about. */
function isInSight(place: HTMLElement, body: HTMLElement): boolean {
  return place.getBoundingClientRect().bottom <= body.getBoundingClientRect().bottom;
}
