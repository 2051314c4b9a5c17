const pause = 20_000;

/** What no live link tells: while it is looked at, one asks from time to time, and at once when somebody comes back to it. */
export function lookAgain(isDue: () => boolean, look: () => Promise<void>): void {
  $effect(() => {
    if (!isDue()) return;
    const ask = () => {
      // What cannot be asked now is asked the next time, and by whoever answers.
      if (document.visibilityState === 'visible') void look().catch(() => undefined);
    };
    const timer = setInterval(ask, pause);
    document.addEventListener('visibilitychange', ask);
    addEventListener('focus', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
      removeEventListener('focus', ask);
    };
  });
}
