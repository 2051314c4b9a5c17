import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { VirtualizerHandle } from 'virtua/svelte';
import { ScrollKeeper } from './scroll-keeper.ts';

const viewport = 400;

/**
 * A list in a scroller whose browser holds the offset within what there is to scroll, and tells of it a frame later. A list that
 * was sent to a row goes there again whenever a row is measured, until none was for a while.
 */
class Screen {
  readonly scroller = document.createElement('div');
  readonly keeper: ScrollKeeper;
  #size = 300;
  #offset = 0;
  #told = 0;
  #isSent = false;

  constructor() {
    Object.defineProperties(this.scroller, {
      scrollHeight: { get: () => Math.max(this.#size, viewport) },
      clientHeight: { get: () => viewport },
      scrollTop: { get: () => this.#offset, set: (offset: number) => this.#moveTo(offset) },
    });
    const list = {
      getScrollOffset: () => this.#told,
      getScrollSize: () => this.scroller.scrollHeight,
      getViewportSize: () => viewport,
      scrollToIndex: () => {
        this.#isSent = true;
        this.#moveTo(Number.MAX_SAFE_INTEGER);
      },
    };
    this.keeper = new ScrollKeeper(list as unknown as VirtualizerHandle, this.scroller);
    document.body.append(this.scroller);
  }

  get isAtEnd(): boolean {
    return this.#offset === this.scroller.scrollHeight - viewport;
  }

  becomes(size: number): void {
    this.#size = size;
    this.#moveTo(this.#offset);
    this.keeper.grew();
  }

  /** Rows come to be drawn, and are higher than was guessed. */
  measures(size: number): void {
    this.becomes(size);
    if (this.#isSent) this.#moveTo(Number.MAX_SAFE_INTEGER);
    this.tell();
  }

  /** Nothing was measured for a while. */
  calms(): void {
    this.#isSent = false;
  }

  /** Rows that nobody has asked to follow yet: the browser holds the offset, no more. */
  slipsTo(size: number): void {
    this.#size = size;
    this.#moveTo(this.#offset);
  }

  moves(by: number): void {
    this.#moveTo(this.#offset + by);
    this.tell();
  }

  tell(): void {
    this.#told = this.#offset;
    this.keeper.scrolled();
  }

  async rests(): Promise<void> {
    for (let frame = 0; frame < 6; frame++) await new Promise(requestAnimationFrame);
  }

  #moveTo(offset: number): void {
    this.#offset = Math.min(Math.max(offset, 0), this.scroller.scrollHeight - viewport);
  }
}

let screen: Screen;
beforeEach(() => {
  screen = new Screen();
  screen.keeper.toEnd(10);
  screen.tell();
  screen.calms();
});
afterEach(() => {
  screen.keeper.leave();
  screen.scroller.remove();
});

test('UX 6 a list that becomes shorter and grows again before that is told is followed on', () => {
  screen.becomes(900);
  screen.tell();
  // The next step under the newest line goes; a row comes before the browser has said how far that moved the list.
  screen.becomes(840);
  screen.slipsTo(1_000);
  screen.tell();
  expect(screen.keeper.follows).toBe(true);
  expect(screen.isAtEnd, 'it is led there at once').toBe(true);
  screen.becomes(1_100);
  expect(screen.isAtEnd).toBe(true);
});

test('UX 6 also where it has only just outgrown its window, and while the window is made narrow and wide', () => {
  for (const [shorter, longer] of [
    [434, 520],
    [1_800, 2_400],
    [700, 760],
  ] as const) {
    screen.becomes(longer + 100);
    screen.tell();
    screen.becomes(shorter);
    screen.slipsTo(longer);
    screen.tell();
    expect(screen.isAtEnd, String(shorter)).toBe(true);
  }
});

test.each([
  ['wheel', () => new WheelEvent('wheel', { deltaY: -100 })],
  ['finger', () => new Event('touchmove')],
  ['key', () => new KeyboardEvent('keydown', { key: 'PageUp' })],
  ['scrollbar', () => new Event('pointerdown')],
])('UX 7 the %s of the reader takes him off the end, also while rows change', (_, gesture) => {
  screen.becomes(900);
  screen.tell();
  screen.scroller.dispatchEvent(gesture());
  screen.moves(-200);
  expect(screen.keeper.follows).toBe(false);
  screen.becomes(1_000);
  expect(screen.isAtEnd).toBe(false);
  screen.moves(1_000);
  expect(screen.keeper.follows, 'until he is back').toBe(true);
});

test.each([
  ['the pointer moves on with nothing pressed', () => new PointerEvent('pointermove', { buttons: 0 })],
  ['another window is gone to', () => new Event('blur')],
  ['the gesture is taken over', () => new Event('pointercancel')],
])('UX 6 a scrollbar that is let go without a word is not held for ever: %s', (_, sign) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    screen.becomes(900);
    screen.tell();
    screen.scroller.dispatchEvent(new Event('pointerdown'));
    dispatchEvent(sign());
    vi.advanceTimersByTime(1_000);
    screen.becomes(840);
    screen.slipsTo(1_000);
    screen.tell();
    expect(screen.keeper.follows).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('UX 7 one turn of the wheel just after news is enough, also while rows that it leads to are measured', () => {
  screen.becomes(900);
  screen.tell();
  screen.scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 }));
  screen.moves(-100);
  screen.measures(940);
  expect(screen.keeper.follows).toBe(false);
  expect(screen.isAtEnd).toBe(false);
});

test('UX 7 what moves a list at rest is the reader too: a search in the page, a screen reader', async () => {
  screen.becomes(900);
  screen.tell();
  await screen.rests();
  screen.moves(-200);
  expect(screen.keeper.follows).toBe(false);
});

/** A list of rows of these heights, scrolled to `offset`, in a view of 400 pixels. */
function listOf(sizes: readonly number[], offset: number): VirtualizerHandle {
  const startOf = (index: number) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
  return {
    getScrollOffset: () => offset,
    getViewportSize: () => 400,
    getItemOffset: startOf,
    getItemSize: (index: number) => sizes[index] ?? 0,
    findItemIndex: (at: number) => sizes.findLastIndex((_, index) => startOf(index) <= at),
  } as unknown as VirtualizerHandle;
}

test.each([
  ['a row that is there to its end', [300, 100], 0, 1],
  ['a row of which the last line is cut', [300, 120], 0, 1],
  ['not a row that only begins', [300, 200], 0, 0],
  ['none but the one before, of which all is seen', [370, 200], 0, 0],
  ['a long row that fills half of the screen', [200, 900], 0, 1],
  ['nothing where even the first only begins', [600, 100], -250, -1],
])('UX 4 UX 17 read is %s', (_, sizes, offset, last) => {
  expect(new ScrollKeeper(listOf(sizes, offset), document.createElement('div')).lastOnScreen).toBe(last);
});
