/** What no live link tells: one asks when somebody comes back to the page, and every `pause` milliseconds while it is looked at. */
export function lookAgain(isDue: () => boolean, look: () => Promise<void>, pause = Infinity): void {
  $effect(() => {
    if (!isDue()) return;
    const ask = () => {
      // What cannot be asked now is asked the next time, and by whoever answers.
      if (document.visibilityState === 'visible') void look().catch(() => undefined);
    };
    const timer = pause < Infinity ? setInterval(ask, pause) : undefined;
    document.addEventListener('visibilitychange', ask);
    addEventListener('focus', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
      removeEventListener('focus', ask);
    };
  });
}
