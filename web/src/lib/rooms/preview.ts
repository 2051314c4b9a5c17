import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { RoomListItem } from '@safesend/shared/rooms/room.ts';
import type { Side } from '#lib/money/side.ts';
import { m } from '#lib/paraglide/messages.js';
import { excerpt } from './excerpt.ts';
import { factWords } from './fact-words.ts';
import { workWords } from './work-words.ts';

/** Before the room itself is read, my role in it says on which side I am. */
function sideIn(members: RoomListItem['members'], myId: string): Side {
  return members.find(({ userId }) => userId === myId)?.role ?? 'watcher';
}

/** What happened last in a room, in one line. */
export function previewOf({ kind, lastEvent, members }: RoomListItem, myId: string): string {
  if (!lastEvent) return '';
  const event = lastEvent as unknown as RoomEvent;
  const nameOf = (userId: string | null) => {
    if (userId === myId) return m.messages_you();
    return members.find((it) => it.userId === userId)?.displayName ?? m.room_former_member();
  };
  switch (event.type) {
    case 'message.posted':
    case 'message.edited':
      if (event.data.body === null) return m.messages_deleted({ name: nameOf(event.data.authorId) });
      return m.messages_preview({ name: nameOf(event.data.authorId), text: excerpt(event.data.body) });
    case 'message.deleted':
      return m.messages_deleted({ name: nameOf(event.data.authorId) });
    case 'reaction.added':
      return m.messages_reacted({ name: nameOf(event.data.userId), emoji: event.data.emoji });
    case 'reaction.removed':
      return m.messages_unreacted({ name: nameOf(event.data.userId), emoji: event.data.emoji });
    default: {
      const { actor, text } = factWords(event, nameOf, {
        kind,
        before: null,
        invited: null,
        side: sideIn(members, myId),
        work: workWords,
      });
      return actor === null ? text : `${actor} ${text}`;
    }
  }
}
