import { openShareLink } from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { metadataOf, tus } from '../../drops.ts';
import { send } from '../../harness.ts';
import type { Things } from '../world.ts';
import { freshName, other, somebodyOf, type Ask, type Asks } from './ask.ts';

const inRoom = ({ roomId }: Things): Ask => ({ params: { roomId } });
const ofMessage = ({ roomId, messageId }: Things): Ask => ({ params: { roomId, messageId } });
const ofReaction = ({ roomId, messageId }: Things): Ask => ({ params: { roomId, messageId, emoji: '👍' } });
const ofFile = ({ fileId }: Things) => ({ params: { fileId } });
const ofUpload = ({ uploadId }: Things): Ask => ({ headers: tus, params: { uploadId } });
const soon = () => new Date(Date.now() + 3_600_000).toISOString();

/** The doors of rooms, messages and files, and the events of a socket. */
export const roomAsks: Asks = {
  'GET /api/v1/rooms/{roomId}': inRoom,
  'GET /api/v1/rooms/{roomId}/events': inRoom,
  'GET /api/v1/rooms/{roomId}/members': inRoom,
  'GET /api/v1/rooms/{roomId}/people': inRoom,
  'POST /api/v1/rooms/{roomId}/messages': ({ roomId }) => ({
    params: { roomId },
    body: { commandId: newId(), body: 'Hi' },
  }),
  'PUT /api/v1/rooms/{roomId}/read': ({ roomId }) => ({ params: { roomId }, body: { seq: 1 } }),
  'DELETE /api/v1/rooms/{roomId}/members/{userId}': (at, world, who) => ({
    params: { roomId: at.roomId, userId: other(at, world, who).userId },
  }),
  'DELETE /api/v1/rooms/{roomId}/members/{userId} the id is the caller’s own': ({ roomId }, world, who) => ({
    params: { roomId, userId: somebodyOf(world, who).id },
  }),
  'GET /api/v1/rooms/{roomId}/messages/{messageId}': ofMessage,
  'PATCH /api/v1/rooms/{roomId}/messages/{messageId}': (at) => ({ ...ofMessage(at), body: { body: freshName() } }),
  'DELETE /api/v1/rooms/{roomId}/messages/{messageId}': ofMessage,
  'PUT /api/v1/rooms/{roomId}/messages/{messageId}/reactions/{emoji}': ofReaction,
  'DELETE /api/v1/rooms/{roomId}/messages/{messageId}/reactions/{emoji}': ofReaction,
  'GET /api/v1/rooms/{roomId}/files': inRoom,
  'GET /api/v1/rooms/{roomId}/storage': inRoom,
  'GET /api/v1/rooms/{roomId}/files/archive': inRoom,
  'OPTIONS /api/v1/uploads': () => ({ headers: tus }),
  'POST /api/v1/uploads': ({ roomId }) => ({
    headers: { ...tus, 'upload-length': '5', 'upload-metadata': metadataOf({ roomId }) },
  }),
  'GET /api/v1/uploads/{uploadId}': ofUpload,
  'PATCH /api/v1/uploads/{uploadId}': (at) => ({
    ...ofUpload(at),
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
  }),
  'DELETE /api/v1/uploads/{uploadId}': ofUpload,
  'GET /api/v1/files/{fileId}': ofFile,
  'GET /api/v1/files/{fileId}/versions/{version}/content': (at) => ({
    params: { ...ofFile(at).params, version: '1' },
  }),
  'GET /api/v1/files/{fileId}/versions/{version}/preview': (at) => ({ params: { ...ofFile(at).params, version: '1' } }),
  'GET /api/v1/files/{fileId}/receipts': ofFile,
  'GET /api/v1/files/{fileId}/share-links': ofFile,
  'POST /api/v1/files/{fileId}/share-links': (at) => ({ ...ofFile(at), body: { expiresAt: soon() } }),
  'DELETE /api/v1/share-links/{shareLinkId}': ({ shareLinkId }) => ({ params: { shareLinkId } }),
  'POST /api/v1/shared-files/lookup': ({ shareToken: token }) => ({ body: { token } }),
  'GET /api/v1/shared-files/content': async ({ shareToken: token }, { base }) => {
    const { body } = await send(base, openShareLink, { body: { token } });
    return { query: { ticket: body.ticket ?? '' } };
  },
  'DELETE /api/v1/files/{fileId}': ofFile,
  'POST /api/v1/files/{fileId}/versions': (at) => ({ ...ofFile(at), body: { version: 1 } }),
  'POST /api/v1/files/{fileId}/joining': (at) => ({ ...ofFile(at), body: { fileId: at.otherFileId } }),
  'room.join': ({ roomId }) => ({ body: { roomId, after: -1 } }),
  'room.catchUp': ({ roomId }) => ({ body: { roomId, after: 0 } }),
  'room.leave': ({ roomId }) => ({ body: { roomId } }),
  'message.post': ({ roomId }) => ({ body: { roomId, commandId: newId(), body: 'Hi' } }),
  'room.markRead': ({ roomId }) => ({ body: { roomId, seq: 1 } }),
  'room.typing': ({ roomId }) => ({ body: { roomId, typing: true } }),
  'presence.set': () => ({ body: { status: 'online' } }),
};
