import { z } from 'zod';
import { profile, username } from '../accounts/user.ts';
import { call } from '../call.ts';
import { commandId, id } from '../ids.ts';
import { pageQuery, wholeNumber } from '../values.ts';
import { wireEvent, wireLoggedEvent } from './event.ts';
import { eventPageLimit } from './limits.ts';
import { member } from './member.ts';
import { emoji, message, messageEdit, newMessage } from './message.ts';
import { roomKind, roomListItem, roomSnapshot } from './room.ts';

const inRoom = z.strictObject({ roomId: id });
const ofMessage = z.strictObject({ roomId: id, messageId: id });
const oneEvent = z.strictObject({ event: wireEvent });

export { eventPageLimit } from './limits.ts';

export const listRooms = call({
  method: 'get',
  path: '/rooms',
  summary: 'My rooms, the one with the newest fact first, with exact unread counts',
  access: 'read',
  query: z.strictObject({ ...pageQuery, kind: roomKind.optional() }),
  answers: { 200: z.strictObject({ items: z.array(roomListItem), nextCursor: z.string().nullable() }) },
});
export const getRoom = call({
  method: 'get',
  path: '/rooms/{roomId}',
  summary: 'A fresh snapshot of a room',
  access: 'read',
  params: inRoom,
  answers: { 200: roomSnapshot },
});
export const listEvents = call({
  method: 'get',
  path: '/rooms/{roomId}/events',
  summary: 'Facts after or before a number, ascending; a page ends at 500 facts or 256 KB',
  access: 'read',
  params: inRoom,
  query: z
    .strictObject({
      after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
      before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
      limit: wholeNumber(1, eventPageLimit.max).optional(),
      epoch: z.string().min(1).max(64).optional(),
    })
    .refine((it) => it.after === undefined || it.before === undefined, {
      path: ['before'],
      message: 'Give after or before, not both.',
    }),
  answers: {
    200: z.strictObject({
      events: z.array(wireLoggedEvent),
      headSeq: z.int(),
      epoch: z.string(),
      firstSeq: z.int(),
      more: z.boolean(),
    }),
  },
});
export const postMessage = call({
  method: 'post',
  path: '/rooms/{roomId}/messages',
  summary: 'Post a message',
  access: 'write',
  params: inRoom,
  body: newMessage,
  answers: { 201: oneEvent },
  command: 'required',
});
export const getMessage = call({
  method: 'get',
  path: '/rooms/{roomId}/messages/{messageId}',
  summary: 'One message as it stands, and where it lies in the log',
  access: 'read',
  params: ofMessage,
  answers: { 200: z.strictObject({ message, seq: z.int().positive() }) },
});
export const editMessage = call({
  method: 'patch',
  path: '/rooms/{roomId}/messages/{messageId}',
  summary: 'Edit my message',
  access: 'write',
  params: ofMessage,
  body: messageEdit,
  answers: { 200: oneEvent },
  command: 'optional',
});
export const deleteMessage = call({
  method: 'delete',
  path: '/rooms/{roomId}/messages/{messageId}',
  summary: 'Delete my message: a tombstone stays',
  access: 'write',
  params: ofMessage,
  answers: { 200: oneEvent },
  command: 'optional',
});
const ofReaction = z.strictObject({ roomId: id, messageId: id, emoji });
export const addReaction = call({
  method: 'put',
  path: '/rooms/{roomId}/messages/{messageId}/reactions/{emoji}',
  summary: 'React to a message',
  access: 'write',
  params: ofReaction,
  answers: { 204: null },
  command: 'optional',
});
export const removeReaction = call({
  method: 'delete',
  path: '/rooms/{roomId}/messages/{messageId}/reactions/{emoji}',
  summary: 'Take a reaction back',
  access: 'write',
  params: ofReaction,
  answers: { 204: null },
  command: 'optional',
});
export const markRead = call({
  method: 'put',
  path: '/rooms/{roomId}/read',
  summary: 'Set my read mark, forward or back',
  access: 'write',
  params: inRoom,
  body: z.strictObject({ seq: z.int().min(0) }),
  answers: { 204: null },
});
export const listMembers = call({
  method: 'get',
  path: '/rooms/{roomId}/members',
  summary: 'Who is in the room',
  access: 'read',
  params: inRoom,
  answers: { 200: z.strictObject({ items: z.array(member), nextCursor: z.string().nullable() }) },
});
export const listPeople = call({
  method: 'get',
  path: '/rooms/{roomId}/people',
  summary: 'The profiles of the people in the room, with their time zones',
  access: 'read',
  params: inRoom,
  answers: { 200: z.strictObject({ items: z.array(profile), nextCursor: z.string().nullable() }) },
});
export const removeMember = call({
  method: 'delete',
  path: '/rooms/{roomId}/members/{userId}',
  summary: 'Leave (my own id) or remove somebody (owner)',
  access: 'write',
  params: z.strictObject({ roomId: id, userId: id }),
  answers: { 204: null },
  command: 'optional',
});
export const openDirect = call({
  method: 'post',
  path: '/rooms/direct',
  summary: 'Open a direct room with somebody I share a project with (200 when it exists)',
  access: 'write',
  body: z.strictObject({ username, commandId: commandId.optional() }),
  answers: { 201: z.strictObject({ roomId: id }), 200: z.strictObject({ roomId: id }) },
  command: 'optional',
});
