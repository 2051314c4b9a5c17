import { postMessage as postMessageCall } from '@safesend/shared/rooms/calls.ts';
import type { SocketHandlers } from '../../kernel/realtime.ts';
import type { Tx } from '../../kernel/transact.ts';
import { presentOneEvent } from './present.ts';
import { joinRoom, readBacklog } from './service/joining.ts';
import { markRead } from './service/marks.ts';
import { postMessage } from './service/messages.ts';
import type { Presence } from './service/presence.ts';
import type { Signals } from './service/signals.ts';

/** The same verb as over HTTP: one command id answers at both doors. */
const postVerb = `${postMessageCall.method} ${postMessageCall.path}`;

export function roomSocket(presence: Presence, signals: Signals): SocketHandlers {
  return {
    'room.join': async ({ client, em, me, publisher }, input) => {
      const joined = await joinRoom(em, publisher, client, me, input);
      await presence.tell(em, client, input.roomId);
      return joined;
    },
    'room.catchUp': ({ em, me }, input) => readBacklog(em, me, input),
    'room.leave': async ({ client, publisher }, { roomId }) => {
      publisher.leave(client, roomId);
      return null;
    },
    'message.post': async ({ me, transact, limits }, { commandId: id, roomId, ...body }) => {
      await limits.spend('message.person', me);
      const command = { id, verb: postVerb, input: { params: { roomId }, body } };
      const post = (tx: Tx) => postMessage(tx, roomId, body);
      const answered = await transact.command({ id: me }, command, post, (it) => ({ status: 201, answer: presentOneEvent(it) }));
      const { seq, id: eventId, at, hash } = answered.answer.event;
      return { seq, eventId, at, hash };
    },
    'room.markRead': async ({ em, me }, { roomId, seq }) => {
      const readSeq = await markRead(em, roomId, me, seq, true);
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
