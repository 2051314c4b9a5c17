import { getContext, setContext } from 'svelte';
import { minutes } from './clock.svelte.ts';

/** Less than this is the time that an answer was under way. */
const noticeable = 1_000;

/** The product's clock, which deadlines go by, as far as this page has heard of it: a test moves it ahead of all machines. */
export class ProductClock {
  #ahead: number;

  constructor(at: string | undefined) {
    this.#ahead = $state(at === undefined ? 0 : aheadOf(at));
  }

  /** How far it is ahead of this machine's, in milliseconds. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Nothing told is from the future: what seems so says that the clock is further ahead. */
  hear(at: string | undefined): void {
    const ahead = at === undefined ? 0 : aheadOf(at);
    if (ahead > this.#ahead + noticeable) this.#ahead = ahead;
  }

  /** The time by it, read again every minute by whatever shows it. */
  get now(): number {
    return minutes.now + this.#ahead;
  }

  isPast(moment: string): boolean {
    return Date.parse(moment) <= this.now;
  }
}

const aheadOf = (at: string) => Date.parse(at) - Date.now();

const key = Symbol('product-clock');

export function setProductClock(clock: ProductClock): void {
  setContext(key, clock);
}

/** This machine's for whoever is not signed in: nothing has told the time there. */
export function getProductClock(): ProductClock {
  return getContext<ProductClock | undefined>(key) ?? new ProductClock(undefined);
}
