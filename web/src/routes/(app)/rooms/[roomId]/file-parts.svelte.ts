import type * as Parts from './room-parts.ts';

// The server draws everything at once; the browser fetches what draws files when a room first has one.
const drawn = import.meta.env.SSR ? await import('./room-parts.ts') : null;
let parts = $state.raw<typeof Parts | null>(drawn);
let asked: Promise<void> | null = null;

export const fileParts = {
  get current(): typeof Parts | null {
    return parts;
  },
  load(): Promise<void> {
    asked ??= import('./room-parts.ts').then(
      (module) => {
        parts = module;
      },
      () => {
        // Told in words meanwhile; the next file asks again.
        asked = null;
      },
    );
    return asked;
  },
};
