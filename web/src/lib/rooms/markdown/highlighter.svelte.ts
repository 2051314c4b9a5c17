import type { Plugin } from 'svelte-exmarkdown';

const state = $state<{ plugin: Plugin | null }>({ plugin: null });
let asked = false;

/** Colours for code. The grammars are large: they are fetched, from our own origin, with the first block of code. */
export const highlighter = {
  get plugin(): Plugin | null {
    return state.plugin;
  },
  async want(): Promise<void> {
    if (asked) return;
    asked = true;
    try {
      const { default: rehypeHighlight } = await import('rehype-highlight');
      state.plugin = { rehypePlugin: [rehypeHighlight, { detect: false }] };
    } catch {
      // Code without colours is still code; the next block asks again.
      asked = false;
    }
  },
};
