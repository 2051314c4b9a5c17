import { z } from 'zod';
import { id } from '../ids.ts';
import { moment } from '../values.ts';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'Use a SHA-256 as 64 small hexadecimal digits.');

/** What a page can show of a file; `other` can only be downloaded. */
export const fileKind = z.enum(['image', 'video', 'audio', 'pdf', 'text', 'archive', 'other']);
export type FileKind = z.infer<typeof fileKind>;

/** `unscanned`: no scanner is configured here. What a scanner objects to never becomes a version. */
export const scanResult = z.enum(['clean', 'unscanned']);

/** One immutable state of a file: these bytes, for ever. */
export const fileVersion = z.strictObject({
  version: z.int().positive(),
  /** The media type its content says, not the one it was sent with. */
  type: z.string(),
  kind: fileKind,
  /** In bytes. */
  size: z.int().min(0),
  sha256,
  scan: scanResult,
  /** Who dropped, joined or restored it. */
  createdBy: id,
  createdAt: moment,
  /** The older version whose bytes these are. */
  restoredFrom: z.int().positive().nullable(),
});
export type FileVersion = z.infer<typeof fileVersion>;

/** A file as its room sees it. Once removed, a tombstone: the name and the hash stay, the bytes are gone. */
export const roomFile = z.strictObject({
  id,
  roomId: id,
  name: z.string(),
  droppedBy: id,
  droppedAt: moment,
  current: fileVersion,
  removedAt: moment.nullable(),
  removedBy: id.nullable(),
  /** The file that took its bytes in as a version. */
  joinedInto: id.nullable(),
});
export type RoomFile = z.infer<typeof roomFile>;

/** `pending`: being made, `room.preview` says when; `none`: there is nothing to show. Width and height in pixels, for the place it will take. */
export const previewState = z.strictObject({
  version: z.int().positive(),
  status: z.enum(['pending', 'ready', 'none']),
  width: z.int().positive().nullable(),
  height: z.int().positive().nullable(),
});
export type PreviewState = z.infer<typeof previewState>;

/** What the list and the search find, with the room's name and the picture of the current version beside it. */
export const listedFile = z.strictObject({ ...roomFile.shape, roomTitle: z.string(), preview: previewState });
export type ListedFile = z.infer<typeof listedFile>;

/** `used` includes what is promised to uploads under way. Bytes. */
export const storageRoom = z.strictObject({ usedBytes: z.int().min(0), limitBytes: z.int().min(0) });

export const storageState = z.strictObject({
  maxFileBytes: z.int().positive(),
  refusedExtensions: z.array(z.string()),
  mine: storageRoom,
  room: storageRoom,
  /** Is everything scanned for malware here? */
  scanned: z.boolean(),
});
export type StorageState = z.infer<typeof storageState>;

/** Somebody got these bytes. `userId` is null where they came through a share link. */
/** Why a file stays: it was handed in for a milestone, and both sides may need it. */
export const evidence = z.strictObject({
  milestoneTitle: z.string(),
  /** `unsettled`: money is still to be decided; `recent`: all is decided, and a bank may yet take the payment back. */
  state: z.enum(['disputed', 'charged_back', 'unsettled', 'recent']),
  /** From then on it may be removed; null while nobody knows. */
  until: moment.nullable(),
});
export type Evidence = z.infer<typeof evidence>;

export const downloadReceipt = z.strictObject({
  version: z.int().positive(),
  userId: id.nullable(),
  shareLinkId: id.nullable(),
  /** The first piece, which begins its 24 hours, and the last piece that was sent. */
  at: moment,
  lastAt: moment,
  /** How often in these 24 hours; pieces within half an hour of each other are one download. */
  downloads: z.int().positive(),
  /** Was all of it sent, in one piece or in ranges? */
  complete: z.boolean(),
});
export type DownloadReceipt = z.infer<typeof downloadReceipt>;

export const shareLink = z.strictObject({
  id,
  fileId: id,
  version: z.int().positive(),
  fileName: z.string(),
  createdBy: id,
  createdAt: moment,
  expiresAt: moment,
  revokedAt: moment.nullable(),
  hasPassword: z.boolean(),
  downloads: z.int().min(0),
});
export type ShareLink = z.infer<typeof shareLink>;

/** What somebody sees who was given a link. */
export const sharedFile = z.strictObject({
  name: z.string(),
  type: z.string(),
  kind: fileKind,
  size: z.int().min(0),
  sha256,
  scan: scanResult,
  sharedBy: z.string(),
  expiresAt: moment,
});
export type SharedFile = z.infer<typeof sharedFile>;
