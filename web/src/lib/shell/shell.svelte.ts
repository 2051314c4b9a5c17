import { getContext, setContext } from 'svelte';

/** The state of the live link, in the words the header says. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface ShellRoom {
  id: string;
  title: string;
  kind: 'project' | 'direct' | 'dispute' | 'note';
  href: string;
  unread: number;
}

/** What the frame around every page shows of the live world; whoever holds the live link keeps it true. */
export class Shell {
  connection = $state<Connection>('connecting');
  /** When the next try to reconnect is due. */
  retryAt = $state<number | null>(null);
  /** Null until known: the list then shows its skeleton. */
  rooms = $state.raw<readonly ShellRoom[] | null>(null);
  notificationsUnread = $state(0);
  /** Of these, what tells of something that its room counts as unread, too. */
  notificationsInRooms = $state(0);

  /** What is unread in all rooms: the badge of Messages, the dashboard's figure and the rooms' own badges agree. */
  readonly roomsUnread = $derived((this.rooms ?? []).reduce((sum, room) => sum + room.unread, 0));
  /** What the page's title counts: each thing once, also one that both badges show. */
  readonly unread = $derived(this.roomsUnread + Math.max(0, this.notificationsUnread - this.notificationsInRooms));
}

const key = Symbol('shell');

export function setShell(): Shell {
  return setContext(key, new Shell());
}

export function getShell(): Shell {
  return getContext<Shell>(key);
}

/** For parts that also stand on pages without the frame. */
export function findShell(): Shell | undefined {
  return getContext<Shell | undefined>(key);
}
