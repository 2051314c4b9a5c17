import { about, type Rule } from './rule.ts';
import {
  reads,
  membersRead,
  membersWrite,
  ownerWrites,
  authorWrites,
  gone,
  ownerTooLate,
  readable,
  writable,
} from './verdicts.ts';

/** Rooms, their messages and their sockets. */
export const rooms: readonly Rule[] = [
  ...about('nothing', ['GET /rooms', reads]),
  // People who share a room, or once did, know each other; a direct room needs a project that is shared now.
  ...about('person', ['POST /rooms/direct', membersWrite, { deleted: gone }]),
  ...about(
    'room',
    ['GET /rooms/{roomId}', membersRead, readable],
    ['GET /rooms/{roomId}/events', membersRead, readable],
    ['GET /rooms/{roomId}/members', membersRead, readable],
    ['GET /rooms/{roomId}/people', membersRead, readable],
    ['POST /rooms/{roomId}/messages', membersWrite, writable],
    ['PUT /rooms/{roomId}/read', membersWrite, writable],
    ['DELETE /rooms/{roomId}/members/{userId}', ownerWrites, writable, 'the id is somebody else’s'],
    [
      'DELETE /rooms/{roomId}/members/{userId}',
      { ...membersWrite, ...ownerTooLate },
      writable,
      'the id is the caller’s own',
    ],
  ),
  ...about(
    'message',
    ['GET /rooms/{roomId}/messages/{messageId}', membersRead, readable],
    ['PATCH /rooms/{roomId}/messages/{messageId}', authorWrites, writable],
    ['DELETE /rooms/{roomId}/messages/{messageId}', authorWrites, writable],
    ['PUT /rooms/{roomId}/messages/{messageId}/reactions/{emoji}', membersWrite, writable],
    ['DELETE /rooms/{roomId}/messages/{messageId}/reactions/{emoji}', membersWrite, writable],
  ),
  ...about(
    'room',
    ['room.join', membersRead, readable],
    ['room.catchUp', membersRead, readable],
    ['message.post', membersWrite, writable],
    ['room.markRead', membersWrite, writable],
    ['room.typing', membersWrite, writable],
  ),
  // Giving up a seat one does not have changes nothing, and says nothing about the room.
  ...about('nothing', ['room.leave', reads], ['presence.set', reads]),
];
