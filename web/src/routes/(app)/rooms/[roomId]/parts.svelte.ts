/** What only some rooms draw: fetched when a room first has it. */
export interface Parts<Module> {
  readonly current: Module | null;
  load(): Promise<void>;
}

/** `drawn`: the server draws everything at once and has it already; null in a browser. */
export function partsOnDemand<Module>(fetch: () => Promise<Module>, drawn: Module | null): Parts<Module> {
  let parts = $state.raw<Module | null>(drawn);
  let asked: Promise<void> | null = null;
  return {
    get current() {
      return parts;
    },
    load() {
      asked ??= fetch().then(
        (module) => {
          parts = module;
        },
        () => {
          // Told in words meanwhile; the next who needs it asks again.
          asked = null;
        },
      );
      return asked;
    },
  };
}
