import { expect, test } from 'vitest';
import type { VirtualizerHandle } from 'virtua/svelte';
import { ScrollKeeper } from './scroll-keeper.ts';

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
  expect(new ScrollKeeper(listOf(sizes, offset), {} as HTMLElement).lastOnScreen).toBe(last);
});
