/**
 * Where the focus goes when a step is done. The button that opened it is often gone by then, at once or when the room hears of
 * it: whoever stood on it stands on what it was about from then on, the milestone's card or the line.
 */
export class StepFocus {
  #opener: Element | null = null;
  #home: HTMLElement | null = null;
  #isOpen = false;

  /** A step is about to open: what has the focus opens it. */
  begin(): void {
    const at = document.activeElement;
    this.#opener = at === document.body ? null : at;
    this.#home = at?.closest<HTMLElement>(places) ?? null;
    this.#isOpen = true;
  }

  /** Its dialog is gone, and has given the focus back if it could. */
  end(milestoneId: string): void {
    requestAnimationFrame(() => this.settle(milestoneId));
  }

  /** The milestone changed under whoever stood on one of its buttons. */
  settle(milestoneId: string): void {
    const isLost = document.activeElement === document.body && !this.#opener?.isConnected;
    if (!isLost || !this.#isOpen) return;
    const home = [this.#home, ...document.querySelectorAll<HTMLElement>(placesOf(milestoneId))].find(isInSight);
    home?.focus({ preventScroll: true });
    this.#isOpen = false;
  }
}

const places = '[data-row], [data-milestone]';
const placesOf = (id: string) => `[data-milestone="${CSS.escape(id)}"], [role="log"]:not([inert])`;
const isInSight = (it: HTMLElement | null) => it !== null && it.isConnected && it.checkVisibility();
