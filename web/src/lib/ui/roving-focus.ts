/**
 * One stop for Tab, and the arrows within, as a toolbar is expected to answer. Which buttons it has may differ by the width of
 * the screen, so they are looked for when a key is pressed.
 */
export function rovingFocus(toolbar: HTMLElement): () => void {
  const buttons = () =>
    [...toolbar.querySelectorAll<HTMLElement>('button:not(:disabled)')].filter((it) => it.checkVisibility());

  const stopAt = (stop: Element | null | undefined) => {
    for (const button of toolbar.querySelectorAll('button')) button.tabIndex = button === stop ? 0 : -1;
  };
  const focused = ({ target }: FocusEvent) => stopAt(target instanceof Element ? target.closest('button') : null);
  const pressed = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.findIndex((it) => it === event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    all.at(next % all.length)?.focus();
  };

  stopAt(buttons()[0]);
  toolbar.addEventListener('focusin', focused);
  toolbar.addEventListener('keydown', pressed);
  return () => {
    toolbar.removeEventListener('focusin', focused);
    toolbar.removeEventListener('keydown', pressed);
  };
}
