import type MessageActions from './MessageActions.svelte';

let component = $state.raw<typeof MessageActions | null>(null);

/** The actions of a message: fetched when somebody is at the page, drawn for one row at a time. */
export const messageActions = {
  get component(): typeof MessageActions | null {
    return component;
  },
  /** What failed on a lost line is asked for again with the next row. */
  async load(): Promise<void> {
    component ??= (await import('./MessageActions.svelte')).default;
  },
};
