/** How long to wait before trying again: longer each time, and never everybody at once. */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(3_000 * 1.5 ** attempt, 6_000);
  return 300 + random() * (longest - 300);
}

/** Runs at once, then at most once per `interval`; a call in between is made up for at its end. */
export function throttle(run: () => void, interval: number): { (): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let owed = false;
  const tick = () => {
    timer = owed ? setTimeout(tick, interval) : null;
    if (owed) run();
    owed = false;
  };
  const call = () => {
    if (timer !== null) return void (owed = true);
    timer = setTimeout(tick, interval);
    run();
  };
  return Object.assign(call, {
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      owed = false;
    },
  });
}
