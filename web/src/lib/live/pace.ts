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
