import { about, type Rule } from './rule.ts';
import {
  open,
  reads,
  writes,
  membersRead,
  membersWrite,
  ownerWrites,
  uploaderWrites,
  dropperWrites,
  dropperSharesInBrowser,
  dropperReads,
  readable,
  writable,
  dropperWritable,
  dropperSharable,
  dropperReadable,
} from './verdicts.ts';

/** Files, uploads, links to files and pictures of people. */
export const files: readonly Rule[] = [
  ...about(
    'nothing',
    // What they open is in what is sent with them.
    ['POST /shared-files/lookup', open],
    ['GET /shared-files/content', open],
    ['PUT /me/avatar', writes],
    // One's own; whose else one sees follows the rooms that are shared, not a project.
    ['GET /avatars/{avatarId}', reads],
    ['DELETE /me/avatar', writes],
    ['OPTIONS /uploads', open],
    ['GET /files', reads],
    ['GET /files/archive', reads],
  ),
  ...about(
    'room',
    ['POST /uploads', membersWrite, writable],
    ['GET /rooms/{roomId}/files', membersRead, readable],
    ['GET /rooms/{roomId}/storage', membersRead, readable],
    ['GET /rooms/{roomId}/files/archive', membersRead, readable],
  ),
  // An upload is its maker's alone, whoever else is in the room: here the owner's.
  ...about(
    'upload',
    ['GET /uploads/{uploadId}', uploaderWrites, writable],
    ['PATCH /uploads/{uploadId}', uploaderWrites, writable],
    ['DELETE /uploads/{uploadId}', uploaderWrites, writable],
  ),
  // The file in question is the party's.
  ...about(
    'file',
    ['GET /files/{fileId}', membersRead, readable],
    ['GET /files/{fileId}/versions/{version}/content', membersRead, readable],
    ['DELETE /files/{fileId}', dropperWrites, dropperWritable],
    ['POST /files/{fileId}/versions', dropperWrites, dropperWritable],
    ['POST /files/{fileId}/joining', ownerWrites, writable],
    ['GET /files/{fileId}/versions/{version}/preview', membersRead, readable],
    ['GET /files/{fileId}/receipts', dropperReads, dropperReadable],
    ['POST /files/{fileId}/share-links', dropperSharesInBrowser, dropperSharable],
    ['GET /files/{fileId}/share-links', dropperReads, dropperReadable],
  ),
  ...about('shareLink', ['DELETE /share-links/{shareLinkId}', dropperWrites, dropperWritable]),
];
