/** Scrolling goes on for a while after the hand is gone. */
const swing = 500;
const upward = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'Home', 'Tab']);

/** Whether the reader is moving a list up himself: by wheel, touch, key or scrollbar. */
export class ReadersHand {
  #until = 0;
  #isHolding = false;
  #end = new AbortController();

  constructor(scroller: HTMLElement) {
    const options = { passive: true, signal: this.#end.signal };
    scroller.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && this.moves(), options);
    scroller.addEventListener('touchmove', () => this.moves(), options);
    scroller.addEventListener(
      'keydown',
      ({ key, shiftKey }) => (upward.has(key) || (key === ' ' && shiftKey)) && this.moves(),
      options,
    );
    // What is pressed of the list itself and of nothing in it is its scrollbar.
    scroller.addEventListener('pointerdown', ({ target }) => (this.#isHolding = target === scroller), options);
    for (const type of ['pointerup', 'pointercancel', 'blur']) addEventListener(type, () => this.#letGo(), options);
    // Let go where nobody told: over another window, or on a scrollbar, of which not every browser does.
    addEventListener('pointermove', ({ buttons }) => buttons === 0 && this.#letGo(), options);
  }

  get isOn(): boolean {
    return this.#isHolding || performance.now() < this.#until;
  }

  moves(): void {
    this.#until = performance.now() + swing;
  }

  leave(): void {
    this.#end.abort();
  }

  #letGo(): void {
    if (this.#isHolding) this.moves();
    this.#isHolding = false;
  }
}
