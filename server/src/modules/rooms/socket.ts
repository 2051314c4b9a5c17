import type { SocketHandlers } from '../../kernel/realtime.ts';
import { joinRoom, readBacklog } from './service/joining.ts';
import type { MarkRead } from './service/marks.ts';
import { postSingle, type Post } from './service/posting.ts';
import type { Presence } from './service/presence.ts';
import type { Signals } from './service/signals.ts';

export function roomSocket(post: Post, markRead: MarkRead, presence: Presence, signals: Signals): SocketHandlers {
  return {
    'room.join': async ({ client, em, me, publisher, backlog }, input) => {
      const joined = await joinRoom(em, backlog, publisher, client, me, input);
      await presence.tell(client, input.roomId);
      return joined;
    },
    'room.catchUp': ({ me, backlog }, input) => readBacklog(backlog, me, input),
    'room.leave': async ({ client, publisher }, { roomId }) => {
      publisher.seats.leave(client, roomId);
      return null;
    },
    'message.post': async ({ me, limits, seenAt }, { commandId, roomId, ...posting }) => {
      await limits.spend('message.person', me);
      const { answer } = await post(postSingle(me, commandId, roomId, posting, seenAt));
      const { seq, id: eventId, at, hash } = answer.event;
      return { seq, eventId, at, hash };
    },
    'room.markRead': async ({ em, me }, { roomId, seq }) => {
      const readSeq = await markRead({ roomId, userId: me, seq }, true);
      await signals.reads(em, roomId, me, readSeq);
      return { readSeq };
    },
    'room.typing': async ({ em, me, limits }, { roomId, typing }) => {
      await limits.spend('typing.person', me);
      await signals.typing(em, roomId, me, typing);
      return null;
    },
    'presence.set': async ({ client }, { status }) => {
      presence.set(client, status);
      return null;
    },
  };
}
