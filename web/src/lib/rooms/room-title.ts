import type { Member } from '@safesend/shared/rooms/member.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';
import { formatList } from '#lib/format/number.ts';
import { m } from '#lib/paraglide/messages.js';

/** A direct room is named by the others in it. */
export function roomTitle(kind: RoomKind, title: string, members: readonly Member[], myId: string): string {
  if (kind !== 'direct') return title;
  const others = members.filter(({ userId }) => userId !== myId).map(({ displayName }) => displayName);
  return others.length > 0 ? formatList(others) : m.room_former_member();
}
