import type { Notification } from '@safesend/shared/notifications/notification.ts';
import type { RoomListItem } from '@safesend/shared/rooms/room.ts';
import { countsAsUnread } from '@safesend/shared/rooms/unread.ts';

const ofMessages: ReadonlySet<string> = new Set(['mention', 'reply', 'direct']);

/** How many unread notifications tell of something that is unread in its room as well: one thing, counted there. */
export function countedInRooms(
  notifications: readonly Notification[],
  rooms: readonly Pick<RoomListItem, 'id' | 'readSeq'>[],
): number {
  const readSeqs = new Map(rooms.map(({ id, readSeq }) => [id, readSeq]));
  return notifications.filter(({ kind, roomId, seq, readAt }) => {
    if (readAt !== null || roomId === null || seq === null) return false;
    const isOfUnreadKind = ofMessages.has(kind) || countsAsUnread(kind);
    return isOfUnreadKind && seq > (readSeqs.get(roomId) ?? Number.POSITIVE_INFINITY);
  }).length;
}
