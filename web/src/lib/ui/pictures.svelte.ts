import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

/** The addresses of one picture in two sizes. */
export interface Picture {
  readonly small: string;
  readonly large: string;
}

const known = new SvelteMap<string, Picture>();

/** Pictures by what seeds their colour. Filled in browsers alone: a server draws pages of many people. */
export const pictures = {
  of(seed: string): Picture | undefined {
    return known.get(seed);
  },
  set(seed: string, picture: Picture | null): void {
    // Whoever tells of a picture does not wait for news of it.
    const before = untrack(() => known.get(seed));
    if (picture === null) known.delete(seed);
    else if (before?.small !== picture.small) known.set(seed, picture);
  },
};
