import { createSubscriber } from 'svelte/reactivity';

const every = (interval: number) =>
  createSubscriber((update) => {
    const timer = setInterval(update, interval);
    return () => clearInterval(timer);
  });
const subscribe = every(60_000);
const subscribeSeconds = every(1_000);

/** The time, read again every minute by whatever shows it. */
export const minutes = {
  get now(): number {
    subscribe();
    return Date.now();
  },
};

/** The time for countdowns. */
export const seconds = {
  get now(): number {
    subscribeSeconds();
    return Date.now();
  },
};
