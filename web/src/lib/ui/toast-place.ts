/** A rectangle of the viewport, as `getBoundingClientRect` answers it. */
export type Box = Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom'>;

const gap = 12;
/** Above what begins higher than this is no room for a toast. */
const least = 80;

/**
 * How far above the lower edge of the viewport toasts stand, in pixels, so that they cover none of the obstacles: what
 * somebody may be about to press. `size` is the toasts' own, at the end of the line.
 */
export function clearBottom(
  viewport: { readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
  obstacles: readonly Box[],
): number {
  const end = viewport.width - gap;
  const start = end - size.width;
  let bottom = gap;
  for (const box of obstacles.toSorted((a, b) => b.bottom - a.bottom)) {
    const isBeside = box.right <= start || box.left >= end || box.right <= box.left;
    const isAbove = box.bottom <= viewport.height - bottom - size.height;
    if (isBeside || isAbove || box.top < least) continue;
    bottom = Math.max(bottom, viewport.height - box.top + gap);
  }
  return bottom;
}
