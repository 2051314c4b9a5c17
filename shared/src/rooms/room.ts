import { z } from 'zod';
import { user } from '../accounts/user.ts';
import { roomFile } from '../files/file.ts';
import { id } from '../ids.ts';
import { notification } from '../notifications/notification.ts';
import { milestone } from '../projects/milestone.ts';
import { project } from '../projects/project.ts';
import { moment } from '../values.ts';
import { wireEvent } from './event.ts';
import { listedMember, member, openInvitation, readMark } from './member.ts';
import { message } from './message.ts';

export const roomKind = z.enum(['project', 'direct', 'dispute', 'note', 'inbox']);
export type RoomKind = z.infer<typeof roomKind>;

export const room = z.strictObject({
  id,
  kind: roomKind,
  /** The project's title; empty for direct rooms (named by their people) and inboxes. */
  title: z.string(),
  createdAt: moment,
});
export type Room = z.infer<typeof room>;

export { windowSize } from './limits.ts';

/** The whole state of a room at `headSeq`: what the reducer folds and what the server can say afresh. */
export const roomState = z.strictObject({
  room,
  project: project.nullable(),
  members: z.array(member),
  invitations: z.array(openInvitation),
  milestones: z.array(milestone),
  /** The newest messages, oldest first. */
  messages: z.array(message),
  /** The newest files by their drop, oldest first, tombstones among them. */
  files: z.array(roomFile),
  reads: z.array(readMark),
  /** Direct rooms only: one blocked the other, or closed the account, and neither can say anything here. */
  isClosed: z.boolean(),
  /** Inbox rooms only: the newest notifications, newest first. */
  notifications: z.array(notification),
  unreadNotifications: z.int().min(0),
  /** Inbox rooms only. */
  account: user.nullable(),
  headSeq: z.int().min(0),
  epoch: z.string(),
  /** The first number the reader may see. */
  firstSeq: z.int().positive(),
});
export type RoomState = Readonly<z.infer<typeof roomState>>;

/** The head's hash signed by this installation (Ed25519 over the JCS of `{roomId, seq, hash, at}`), to be kept as proof. */
export const checkpoint = z.strictObject({
  roomId: id,
  seq: z.int().min(0),
  hash: z.string(),
  at: moment,
  keyId: z.string(),
  signature: z.string(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

export const roomSnapshot = z.strictObject({ ...roomState.shape, checkpoint });
export type RoomSnapshot = z.infer<typeof roomSnapshot>;

export const roomListItem = z.strictObject({
  id,
  kind: roomKind,
  title: z.string(),
  headSeq: z.int().min(0),
  readSeq: z.int().min(0),
  unread: z.int().min(0),
  lastEvent: wireEvent.nullable(),
  members: z.array(listedMember),
});
export type RoomListItem = z.infer<typeof roomListItem>;
