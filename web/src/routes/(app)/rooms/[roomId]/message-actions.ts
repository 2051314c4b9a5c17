import type MessageActions from './MessageActions.svelte';

let loaded: Promise<{ default: typeof MessageActions }> | undefined;

/**
 * The actions of a message: fetched when somebody is at the page, drawn for one row at a time. What failed on a lost
 * line is asked for again with the next row.
 */
export function messageActions(): Promise<{ default: typeof MessageActions }> {
  loaded ??= import('./MessageActions.svelte').catch((problem: unknown) => {
    loaded = undefined;
    throw problem;
  });
  return loaded;
}
