/**
 * On a narrow screen what is chosen may lie outside its row: only the row moves to it, never the page. A row ends in a
 * pixel of padding, because it scrolls by whole ones and its last item may end between two.
 */
export function keepInSight(row: HTMLElement, chosen: Element | null): void {
  if (!chosen) return;
  const [outer, inner] = [row.getBoundingClientRect(), chosen.getBoundingClientRect()];
  row.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}
