let loaded: Promise<typeof import('./MessageActions.svelte')> | undefined;

/** The actions of a message: fetched once the page is quiet, drawn for one row at a time. */
export function messageActions(): Promise<typeof import('./MessageActions.svelte')> {
  loaded ??= import('./MessageActions.svelte');
  return loaded;
}
