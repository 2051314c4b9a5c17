import type RichText from './RichText.svelte';

// The server draws everything at once; the browser fetches the parser when a text first needs it.
const drawn = import.meta.env.SSR ? (await import('./RichText.svelte')).default : null;
let component = $state.raw<typeof RichText | null>(drawn);
let asked: Promise<void> | null = null;

/** Most messages are plain words: they need no parser. */
export function hasMarkup(body: string): boolean {
  return /[*_`[|@\\]|~~|:\/\/|www\.|^\s*(?:[#>+=-]|\d+[.)])|^(?: {4}|\t)|\n\s*\n/m.test(body);
}

export const richText = {
  get component(): typeof RichText | null {
    return component;
  },
  load(): Promise<void> {
    asked ??= import('./RichText.svelte').then(
      (module) => {
        component = module.default;
      },
      () => {
        // The words are readable without it; the next text asks again.
        asked = null;
      },
    );
    return asked;
  },
};
