import { roomTitle } from '#lib/rooms/room-title.ts';
import type { Connection as ConnectionWord, Shell } from '#lib/shell/shell.svelte.ts';
import { countedInRooms } from './counted.ts';
import type { LinkState } from './connection.svelte.ts';
import type { Live } from './live.svelte.ts';

const words: Record<LinkState['kind'], ConnectionWord> = {
  connecting: 'connecting',
  live: 'live',
  reconnecting: 'reconnecting',
  offline: 'offline',
  signed_out: 'offline',
};

/** Shows in the frame of the page what the live link knows: at once when the page is drawn, and whenever it moves. */
export function mirrorLive(live: Live, shell: Shell): void {
  const copy = () => {
    shell.connection = words[live.connection.state.kind];
    shell.retryAt = live.connection.state.kind === 'reconnecting' ? live.connection.state.retryAt : null;
    shell.notificationsUnread = live.inbox?.state.unreadNotifications ?? 0;
    shell.notificationsInRooms = countedInRooms(live.inbox?.state.notifications ?? [], live.rooms.items ?? []);
    shell.rooms =
      live.rooms.items?.flatMap(({ id, kind, title, members, unread }) =>
        kind === 'inbox'
          ? []
          : [{ id, kind, title: roomTitle(kind, title, members, live.myId), href: `/rooms/${id}`, unread }],
      ) ?? null;
  };
  copy();
  $effect(copy);
}
