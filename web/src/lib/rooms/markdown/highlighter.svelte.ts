import type { createLowlight } from './lowlight.ts';
import { SvelteSet } from 'svelte/reactivity';
import { grammars } from './grammars.ts';

type Lowlight = ReturnType<typeof createLowlight>;
export type CodeNode = ReturnType<Lowlight['highlight']>['children'][number];

let lowlight: Lowlight | null = null;
const known = new SvelteSet<string>();
const asked = new Set<string>();

/** Colours for code. A grammar is fetched, from our own origin, with the first block in its language. */
export const highlighter = {
  /** Null while the grammar is on its way. */
  colour(language: string, text: string): readonly CodeNode[] | null {
    return known.has(language) && lowlight ? lowlight.highlight(language, text).children : null;
  },
  async want(language: string): Promise<void> {
    if (asked.has(language)) return;
    asked.add(language);
    try {
      const [library, grammar] = await Promise.all([import('./lowlight.ts'), grammars[language]?.()]);
      if (!grammar) return;
      lowlight ??= library.createLowlight();
      lowlight.register(language, grammar.default);
      known.add(language);
    } catch {
      // Code without colours is still code; the next block asks again.
      asked.delete(language);
    }
  },
};
