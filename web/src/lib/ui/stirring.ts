const signs = ['pointermove', 'pointerdown', 'keydown', 'touchstart'] as const;
const waiting = new Set<() => void>();
let hasStirred = false;

/**
 * Runs once, with the first sign that somebody is at the page: what he may use next is fetched then, and costs nobody
 * anything who only opens the page.
 */
export function whenStirring(run: () => void): () => void {
  if (hasStirred) {
    run();
    return () => undefined;
  }
  if (waiting.size === 0) for (const sign of signs) addEventListener(sign, stir, { passive: true, capture: true });
  waiting.add(run);
  return () => waiting.delete(run);
}

function stir(): void {
  hasStirred = true;
  for (const sign of signs) removeEventListener(sign, stir, { capture: true });
  for (const run of waiting) run();
  waiting.clear();
}
