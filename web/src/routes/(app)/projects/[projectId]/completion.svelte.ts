import { markNotificationsRead } from '@safesend/shared/notifications/calls.ts';
import type { Project } from '@safesend/shared/projects/project.ts';
import { send } from '#lib/api/send.ts';
import type { Live } from '#lib/live/live.svelte.ts';

/**
 * When a project's completion is news: it happens before my eyes, or my unread notification says so. That notification
 * is the account's memory of it, so no other device of mine celebrates it again.
 */
export class Completion {
  readonly #live: Live;
  #wasOpen: string | null = null;

  constructor(live: Live) {
    this.#live = live;
  }

  isNews({ id, roomId, status }: Project): boolean {
    const happened = status === 'completed' && this.#wasOpen === id;
    this.#wasOpen = status === 'completed' ? null : id;
    const told = this.#live.inbox?.state.notifications.find(
      (it) => it.kind === 'project.completed' && it.roomId === roomId && it.readAt === null,
    );
    // Not said to the server, it stays unread, and is news once more.
    if (told) send(markNotificationsRead, { body: { ids: [told.id] } }).catch(() => undefined);
    return happened || (told !== undefined && status === 'completed');
  }
}
