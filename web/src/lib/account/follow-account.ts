import type { LiveRoom } from '#lib/live/room.svelte.ts';
import { invalidate } from '$app/navigation';
import { isLeaving, sessionKey, settingsKey } from '#lib/session/session.ts';

/** What happens to the account on another device or in another tab is shown here too: names, address, sessions, tokens. */
export function followAccount(inbox: LiveRoom | null): () => void {
  return (
    inbox?.listen({
      applied: (facts) => {
        if (!isLeaving() && facts.some(({ type }) => type.startsWith('account.'))) void refresh();
      },
    }) ?? (() => undefined)
  );
}

// The session first: if it is over, nothing that needs one is asked for.
async function refresh(): Promise<void> {
  await invalidate(sessionKey);
  await invalidate(settingsKey);
}
