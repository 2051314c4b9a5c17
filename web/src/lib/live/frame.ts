const hiddenPause = 100;

/** Runs once before the next paint, or soon when the page is hidden and does not paint. Returns the way to call it off. */
export function nextFrame(run: () => void): () => void {
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const once = () => {
    cancel();
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, hiddenPause);
  return cancel;
}
