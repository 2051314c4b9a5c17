import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 60_000);
  return () => clearInterval(timer);
});

/** The time, read again every minute by whatever shows it. */
export const minutes = {
  get now(): number {
    subscribe();
    return Date.now();
  },
};
