import { z } from 'zod';
import type { PreviewState } from './files/file.ts';
import type { FailureCode, FieldError, Winner } from './failure.ts';
import { commandId, id } from './ids.ts';
import { eventPageLimit } from './rooms/calls.ts';
import type { RoomEvent } from './rooms/event.ts';
import type { ReadMark } from './rooms/member.ts';
import { newMessage } from './rooms/message.ts';

const epoch = z.string().min(1).max(64);

export const joinRoom = z.strictObject({ roomId: id, after: z.int().min(-1), epoch: epoch.optional() });
export const catchUp = z.strictObject({
  roomId: id,
  after: z.int().min(0),
  epoch: epoch.optional(),
  limit: z.int().min(1).max(eventPageLimit.max).optional(),
});
export const leaveRoom = z.strictObject({ roomId: id });
export const postMessage = z.strictObject({ ...newMessage.shape, roomId: id, commandId });
export const markRead = z.strictObject({ roomId: id, seq: z.int().min(0) });
export const setTyping = z.strictObject({ roomId: id, typing: z.boolean() });
export const presenceStatus = z.enum(['online', 'away', 'offline']);
export type PresenceStatus = z.infer<typeof presenceStatus>;
export const setPresence = z.strictObject({ status: presenceStatus });

export interface AnswerError {
  readonly code: FailureCode;
  readonly message: string;
  readonly errors?: readonly FieldError[];
  readonly winner?: Winner;
  readonly retryAfterSeconds?: number;
  readonly requestId?: string;
}
export type Answer<Value> = { ok: true; value: Value } | { ok: false; error: AnswerError };

export interface CaughtUp {
  readonly headSeq: number;
  readonly epoch: string;
  readonly events: readonly RoomEvent[];
  readonly more: boolean;
}
export interface JoinedRoom extends CaughtUp {
  readonly firstSeq: number;
  /** How far everybody had read once every later mark was told here. */
  readonly reads: readonly ReadMark[];
}
export interface PostedMessage {
  readonly seq: number;
  readonly eventId: string;
  readonly at: string;
  readonly hash: string;
}

/** Every event a client may send, with the schema the server enforces. */
export const toServer = {
  'room.join': joinRoom,
  'room.catchUp': catchUp,
  'room.leave': leaveRoom,
  'message.post': postMessage,
  'room.markRead': markRead,
  'room.typing': setTyping,
  'presence.set': setPresence,
} as const;
export type ToServerName = keyof typeof toServer;

interface ToServerValues {
  'room.join': JoinedRoom;
  'room.catchUp': CaughtUp;
  'room.leave': null;
  'message.post': PostedMessage;
  'room.markRead': { readonly readSeq: number };
  'room.typing': null;
  'presence.set': null;
}
export type ToServerValue<Name extends ToServerName> = ToServerValues[Name];

export type ToServer = {
  [Name in ToServerName]: (
    command: z.input<(typeof toServer)[Name]>,
    answer: (result: Answer<ToServerValue<Name>>) => void,
  ) => void;
};

/** `unavailable`: nobody can say now whether the session is still good; come back with it later. */
export type SessionEnd = 'signed_out' | 'expired' | 'unavailable';

export interface ToClient {
  'room.events': (message: { roomId: string; events: readonly RoomEvent[] }) => void;
  'room.head': (message: { roomId: string; headSeq: number; epoch: string }) => void;
  'room.removed': (message: { roomId: string; reason: 'removed' | 'left' }) => void;
  'session.ended': (message: { reason: SessionEnd }) => void;
  'room.typing': (message: { roomId: string; userId: string; typing: boolean }) => void;
  'room.presence': (message: { roomId: string; userId: string; status: PresenceStatus; at: string }) => void;
  'room.reads': (message: { roomId: string; userId: string; seq: number }) => void;
  /** A picture of a version is ready, or there will be none. */
  'room.preview': (message: { roomId: string; fileId: string; preview: PreviewState }) => void;
}
