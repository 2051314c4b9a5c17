import type { LiveRoom } from '#lib/live/room.svelte.ts';
import { invalidate } from '$app/navigation';
import { sessionKey, settingsKey } from '#lib/session/session.ts';

/** What happens to the account on another device or in another tab is shown here too: names, address, sessions, tokens. */
export function followAccount(inbox: LiveRoom | null): () => void {
  return (
    inbox?.listen({
      applied: (facts) => {
        if (!facts.some(({ type }) => type.startsWith('account.'))) return;
        void invalidate(sessionKey);
        void invalidate(settingsKey);
      },
    }) ?? (() => undefined)
  );
}
