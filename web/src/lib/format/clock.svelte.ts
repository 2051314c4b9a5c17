import { createSubscriber } from 'svelte/reactivity';

const every = (interval: number) =>
  createSubscriber((update) => {
    // On the beat, so that a minute shown changes when the minute does.
    const untilBeat = () => interval - (Date.now() % interval);
    const beat = () => {
      update();
      timer = setTimeout(beat, untilBeat());
    };
    let timer = setTimeout(beat, untilBeat());
    return () => clearTimeout(timer);
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
