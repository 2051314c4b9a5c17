/** Where the keyboard can stop inside a part of the page. */
const stops = 'a[href], button, input, select, textarea, [tabindex="0"]';

/**
 * Goes to the next part of the page: the navigation, the bar above, the conversation, the composer, what stands beside it.
 * They say so themselves (`data-landmark`), in the order in which they are drawn. An open dialog keeps the focus.
 */
export function stepToLandmark(step: 1 | -1): void {
  if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
  const parts = [...document.querySelectorAll<HTMLElement>('[data-landmark]')].filter((it) => firstStop(it));
  const here = parts.findLastIndex((it) => it.contains(document.activeElement));
  const next = here === -1 && step === -1 ? parts.length - 1 : (here + step + parts.length) % parts.length;
  const part = parts[next];
  if (part) firstStop(part)?.focus();
}

/** In a list of places that is where one is now, in the rest what comes first. */
function firstStop(part: HTMLElement): HTMLElement | undefined {
  const inside = [part, ...part.querySelectorAll<HTMLElement>(stops)].filter(
    (it) => it.tabIndex >= 0 && it.matches(stops) && !it.matches(':disabled, [inert] *') && it.checkVisibility(),
  );
  return inside.find((it) => it.matches('[aria-current="page"], textarea')) ?? inside[0];
}
