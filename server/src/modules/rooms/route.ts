import * as calls from '@safesend/shared/rooms/calls.ts';
import type { Signer } from '../../kernel/checkpoint.ts';
import { Reply, type Door } from '../../kernel/http.ts';
import { findSight, readPage } from '../../kernel/reading.ts';
import { presentOneEvent } from './present.ts';
import { openDirect } from './service/direct.ts';
import type { MarkRead } from './service/marks.ts';
import { findRoomMembers, findRoomPeople, removeMember, type RulesByKind } from './service/members.ts';
import * as messages from './service/messages.ts';
import { postSingle, type Post } from './service/posting.ts';
import type { Signals } from './service/signals.ts';
import { findRooms, takeSnapshot, type SnapshotContributor } from './service/snapshot.ts';

export interface RoomsSetup {
  readonly rules: RulesByKind;
  readonly contributors: readonly SnapshotContributor[];
  readonly signer: Signer;
  readonly signals: Signals;
  readonly post: Post;
  readonly markRead: MarkRead;
}

export function roomRoutes(door: Door, { rules, contributors, signer, signals, post, markRead }: RoomsSetup): void {
  door(calls.listRooms, ({ em, me, query }) => findRooms(em, me, query));
  door(calls.getRoom, ({ em, me, params }) => takeSnapshot(em, params.roomId, me, contributors, signer));
  door(calls.listEvents, async ({ em, me, params, query }) => {
    const { limit = calls.eventPageLimit.default, ...position } = query;
    return readPage(em, await findSight(em, params.roomId, me), { ...position, limit });
  });
  door(calls.listMembers, async ({ em, me, params }) => {
    return { items: await findRoomMembers(em, params.roomId, me), nextCursor: null };
  });
  door(calls.listPeople, async ({ em, me, params }) => {
    return { items: await findRoomPeople(em, params.roomId, me), nextCursor: null };
  });
  door(calls.removeMember, ({ params, transact }) =>
    transact(
      (tx) => removeMember(tx, params.roomId, params.userId, rules),
      () => null,
    ),
  );
  door(calls.markRead, async ({ em, me, params, body }) => {
    const seq = await markRead({ roomId: params.roomId, userId: me, seq: body.seq }, false);
    await signals.reads(em, params.roomId, me, seq);
    return null;
  });
  door(calls.openDirect, ({ body, transact }) =>
    transact(
      (tx) => openDirect(tx, body.username),
      ({ result: { roomId, isNew } }) => new Reply(isNew ? 201 : 200, { roomId }),
    ),
  );
  messageRoutes(door, post);
}

function messageRoutes(door: Door, post: Post): void {
  door(calls.postMessage, async ({ me, commandId, params, body, limits }) => {
    await limits.spend('message.person', me);
    const { status, answer } = await post(postSingle(me, commandId, params.roomId, body, null));
    return new Reply(status, answer);
  });
  door(calls.getMessage, ({ em, me, params }) => messages.findMessage(em, params.roomId, params.messageId, me));
  door(calls.editMessage, ({ params: { roomId, messageId }, body, transact }) =>
    transact((tx) => messages.editMessage(tx, roomId, messageId, body.body), presentOneEvent),
  );
  door(calls.deleteMessage, ({ params: { roomId, messageId }, transact }) =>
    transact((tx) => messages.deleteMessage(tx, roomId, messageId), presentOneEvent),
  );
  door(calls.addReaction, ({ params: { roomId, messageId, emoji }, transact }) =>
    transact(
      (tx) => messages.addReaction(tx, roomId, messageId, emoji),
      () => null,
    ),
  );
  door(calls.removeReaction, ({ params: { roomId, messageId, emoji }, transact }) =>
    transact(
      (tx) => messages.removeReaction(tx, roomId, messageId, emoji),
      () => null,
    ),
  );
}
