const hiddenPause = 100;
const longestPause = 400;
/** Ten times a second is live to whoever reads; sixty times costs a small machine a core. */
const interval = 100;

/**
 * Runs work before the next paint, or soon when the page is hidden and does not paint. What comes soon after is gathered
 * for the next time, and when drawing what the work changed takes long, it waits as long again: a flood costs half the
 * time of the page at most.
 */
export class FramePacer {
  #frame = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #isWaiting = false;
  #freeAt = 0;

  schedule(run: () => void): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const wait = this.#freeAt - performance.now();
    if (wait > 0) this.#timers = [setTimeout(() => this.#nextFrame(run), wait)];
    else this.#nextFrame(run);
  }

  cancel(): void {
    cancelAnimationFrame(this.#frame);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#isWaiting = false;
  }

  #nextFrame(run: () => void): void {
    const once = () => {
      this.cancel();
      const startedAt = performance.now();
      run();
      requestAnimationFrame(() => setTimeout(() => this.#drawn(startedAt)));
    };
    this.#frame = requestAnimationFrame(once);
    this.#timers = [setTimeout(once, hiddenPause)];
  }

  #drawn(startedAt: number): void {
    const now = performance.now();
    this.#freeAt = Math.max(startedAt + interval, now + Math.min(now - startedAt, longestPause));
  }
}
