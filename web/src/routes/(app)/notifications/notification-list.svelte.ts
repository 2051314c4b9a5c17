import { listNotifications, markNotificationsRead } from '@safesend/shared/notifications/calls.ts';
import type { ListedNotification } from '@safesend/shared/notifications/notification.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { send } from '#lib/api/send.ts';
import type { LiveRoom } from '#lib/live/room.svelte.ts';

interface Page {
  readonly items: readonly ListedNotification[];
  readonly nextCursor: string | null;
  readonly unread: number;
}

/** The history of notifications as far as it was read, kept right by the facts of the inbox. */
export class NotificationList {
  #filter: 'all' | 'unread';
  #inbox: LiveRoom | null;
  #items: readonly ListedNotification[];
  #cursor: string | null;
  readonly unread: number;

  constructor(filter: 'all' | 'unread', page: Page, inbox: LiveRoom | null) {
    this.#filter = filter;
    this.#inbox = inbox;
    this.unread = page.unread;
    this.#items = $state.raw(page.items);
    this.#cursor = $state(page.nextCursor);
  }

  get items(): readonly ListedNotification[] {
    return this.#items;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  follow(): () => void {
    return (
      this.#inbox?.listen({
        applied: (events) => this.#apply(events),
        replaced: () => void this.#restart(),
      }) ?? (() => undefined)
    );
  }

  async more(): Promise<void> {
    if (this.#cursor === null) return;
    const page = await this.#read(this.#cursor);
    const known = new Set(this.#items.map(({ id }) => id));
    this.#items = [...this.#items, ...page.items.filter(({ id }) => !known.has(id))];
    this.#cursor = page.nextCursor;
  }

  async markRead(id: string): Promise<void> {
    await send(markNotificationsRead, { body: { ids: [id] } });
  }

  async markAll(): Promise<void> {
    await send(markNotificationsRead, { body: { all: true } });
  }

  #read(cursor?: string): Promise<Page> {
    return send(listNotifications, { query: { filter: this.#filter, ...(cursor === undefined ? {} : { cursor }) } });
  }

  async #restart(): Promise<void> {
    const page = await this.#read().catch(() => null);
    if (!page) return;
    this.#items = page.items;
    this.#cursor = page.nextCursor;
  }

  /** A notification carries neither the text it tells of nor who is behind it: the list is asked. */
  async #quote(): Promise<void> {
    const page = await this.#read().catch(() => null);
    const known = new Map(
      page?.items.map(({ id, roomId, seq, hasLeft, excerpt, actorId }) => [
        id,
        { roomId, seq, hasLeft, excerpt, actorId },
      ]),
    );
    this.#items = this.#items.map((it) => ({ ...it, ...known.get(it.id) }));
  }

  #apply(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.type === 'notification.raised') {
        const others = this.#items.filter(({ id }) => id !== event.data.id);
        this.#items = [{ ...event.data, actorId: null, hasLeft: false, excerpt: null }, ...others];
        // Who was removed can go to none of the places in this room any more.
        if (event.data.roomId !== null || event.data.kind === 'member.removed') void this.#quote();
      } else if (event.type === 'notification.read') {
        // Also with the filter on: a line that is read under one's eyes stays until one comes back.
        const { ids, readAt } = event.data;
        this.#items = this.#items.map((it) => (ids.includes(it.id) ? { ...it, readAt } : it));
      }
    }
  }
}
