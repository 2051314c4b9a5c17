import { z } from 'zod';
import { user } from '../accounts/user.ts';
import { call } from '../call.ts';
import { commandId, id } from '../ids.ts';
import { page, pageQuery, wholeNumber } from '../values.ts';
import {
  downloadReceipt,
  evidence,
  fileKind,
  fileVersion,
  listedFile,
  previewState,
  roomFile,
  sharedFile,
  shareLink,
  storageState,
} from './file.ts';
import { newShareLink } from './forms.ts';

const ofFile = z.strictObject({ fileId: id });
const inRoom = z.strictObject({ roomId: id });
const versionNumber = wholeNumber(1, 1_000_000);
const ofVersion = z.strictObject({ fileId: id, version: versionNumber });
const oneFile = z.strictObject({ file: roomFile });

const filter = {
  /** Part of the name, in any case. */
  q: z.string().trim().min(1).max(100).optional(),
  kind: fileKind.optional(),
  /** Who dropped it. */
  by: id.optional(),
  /** What was handed in for this milestone. */
  milestoneId: id.optional(),
};
const search = { ...pageQuery, ...filter };

export const listRoomFiles = call({
  method: 'get',
  path: '/rooms/{roomId}/files',
  summary: 'The files of a room, the one with the newest version first',
  access: 'read',
  params: inRoom,
  query: z.strictObject(search),
  answers: { 200: page(listedFile) },
});
export const listFiles = call({
  method: 'get',
  path: '/files',
  summary: 'The files of all my rooms, the one with the newest version first',
  access: 'read',
  query: z.strictObject({ ...search, roomId: id.optional() }),
  answers: { 200: page(listedFile) },
});
/** Before the door of one file: `archive` is no id. */
export const getFilesArchive = call({
  method: 'get',
  path: '/files/archive',
  summary: 'What the same filters list, in newest versions, as one ZIP; files of several rooms lie in a folder each',
  access: 'read',
  query: z.strictObject({ ...filter, roomId: id.optional() }),
  answers: { 200: null },
});
export const getFile = call({
  method: 'get',
  path: '/files/{fileId}',
  summary: 'A file with the versions I may see, newest first',
  access: 'read',
  params: ofFile,
  answers: {
    200: z.strictObject({
      file: roomFile,
      versions: z.array(fileVersion),
      previews: z.array(previewState),
      /** May I add a version or remove it? */
      mayChange: z.boolean(),
      evidence: evidence.nullable(),
    }),
  },
});
export const removeFile = call({
  method: 'delete',
  path: '/files/{fileId}',
  summary: 'Remove a file: a tombstone stays, its bytes go',
  access: 'write',
  params: ofFile,
  answers: { 204: null },
  command: 'optional',
});
export const restoreVersion = call({
  method: 'post',
  path: '/files/{fileId}/versions',
  summary: 'Make an older version the newest one, as a new version with its bytes',
  access: 'write',
  params: ofFile,
  body: z.strictObject({ version: z.int().positive(), commandId: commandId.optional() }),
  answers: { 201: oneFile },
  command: 'optional',
});
export const joinFile = call({
  method: 'post',
  path: '/files/{fileId}/joining',
  summary: 'Take another file of the room in as the newest version of this one',
  access: 'write',
  params: ofFile,
  body: z.strictObject({ fileId: id, commandId: commandId.optional() }),
  answers: { 201: oneFile },
  command: 'optional',
});
/** Answers the bytes themselves: whole, one range, or 304. */
export const getContent = call({
  method: 'get',
  path: '/files/{fileId}/versions/{version}/content',
  summary: 'The bytes of a version, for a download; takes Range and If-None-Match',
  access: 'read',
  params: ofVersion,
  answers: { 200: null },
});
export const getStorage = call({
  method: 'get',
  path: '/rooms/{roomId}/storage',
  summary: 'What may be dropped here, and how much room is left',
  access: 'read',
  params: inRoom,
  answers: { 200: storageState },
});
/** `thumbnail` fits 320 × 320, `view` 1600 × 1600 pixels; both WebP. */
export const previewVariant = z.enum(['thumbnail', 'view']);
export const getPreview = call({
  method: 'get',
  path: '/files/{fileId}/versions/{version}/preview',
  summary: 'A picture of a version, safe to show in a page; 204 while it is being made and where there is none',
  access: 'read',
  params: ofVersion,
  query: z.strictObject({ variant: previewVariant.optional() }),
  answers: { 200: null, 204: null },
});
export const getRoomArchive = call({
  method: 'get',
  path: '/rooms/{roomId}/files/archive',
  summary: 'Every file of a room that I may see, its newest version, as one ZIP',
  access: 'read',
  params: inRoom,
  answers: { 200: null },
});
export const listReceipts = call({
  method: 'get',
  path: '/files/{fileId}/receipts',
  summary: 'Who downloaded my file, and when',
  access: 'read',
  params: ofFile,
  query: z.strictObject(pageQuery),
  answers: { 200: page(downloadReceipt) },
});
export const createShareLink = call({
  method: 'post',
  path: '/files/{fileId}/share-links',
  summary: 'A link with which anybody gets this version until it expires; its token is shown once',
  access: 'session',
  params: ofFile,
  body: newShareLink.safeExtend({ commandId: commandId.optional() }),
  answers: { 201: z.strictObject({ shareLink, token: z.string() }) },
  command: 'optional',
});
export const listShareLinks = call({
  method: 'get',
  path: '/files/{fileId}/share-links',
  summary: 'The links of a file, those that ended too',
  access: 'read',
  params: ofFile,
  query: z.strictObject(pageQuery),
  answers: { 200: page(shareLink) },
});
export const revokeShareLink = call({
  method: 'delete',
  path: '/share-links/{shareLinkId}',
  summary: 'End a link at once',
  access: 'write',
  params: z.strictObject({ shareLinkId: id }),
  answers: { 204: null },
  command: 'optional',
});

const secret = z.string().min(1).max(200);
export const openShareLink = call({
  method: 'post',
  path: '/shared-files/lookup',
  summary: 'What is behind a link, and a ticket to download it; a link with a password tells nothing without it',
  access: 'public',
  body: z.strictObject({ token: secret, password: z.string().min(1).max(200).optional() }),
  answers: {
    200: z.strictObject({ needsPassword: z.boolean(), file: sharedFile.nullable(), ticket: z.string().nullable() }),
  },
});
/** A ticket is good for an hour, and no longer than its link. */
export const getSharedContent = call({
  method: 'get',
  path: '/shared-files/content',
  summary: 'The bytes behind a link, for a download; takes Range and If-None-Match',
  access: 'public',
  query: z.strictObject({ ticket: z.string().min(1).max(500) }),
  answers: { 200: null },
});

/** The body is the image itself, of any type that previews know, under its own Content-Type. */
export const setAvatar = call({
  method: 'put',
  path: '/me/avatar',
  summary:
    'Show this picture as mine: an image of at most 10 MiB, cut square and freed of what the camera wrote into it',
  access: 'write',
  answers: { 200: z.strictObject({ user }) },
});
export const removeAvatar = call({
  method: 'delete',
  path: '/me/avatar',
  summary: 'Show no picture of me any more',
  access: 'write',
  answers: { 204: null },
});
/** `small` is 96, `large` 384 pixels square. An id names the same picture for ever: browsers may keep it. */
export const getAvatar = call({
  method: 'get',
  path: '/avatars/{avatarId}',
  summary: 'The picture of somebody I share a room with',
  access: 'read',
  params: z.strictObject({ avatarId: id }),
  query: z.strictObject({ size: z.enum(['small', 'large']).optional() }),
  answers: { 200: null },
});
