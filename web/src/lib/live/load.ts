import type { RoomListItem, RoomSnapshot } from '@safesend/shared/rooms/room.ts';
import { readSnapshot } from './log.ts';
import { readRooms } from './rooms.svelte.ts';

/** What the frame shows from the first paint on. It is an extra: a page never fails because of it. */
export async function loadLive(
  fetch: typeof globalThis.fetch,
  inboxRoomId: string,
): Promise<{ rooms: RoomListItem[] | null; inbox: RoomSnapshot | null }> {
  const [rooms, inbox] = await Promise.all([
    readRooms(fetch).catch(() => null),
    readSnapshot(inboxRoomId, fetch).catch(() => null),
  ]);
  return { rooms, inbox };
}
