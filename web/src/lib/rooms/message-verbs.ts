import { newId } from '@safesend/shared/ids.ts';
import {
  addReaction,
  deleteMessage,
  editMessage,
  getMessage,
  markRead,
  removeReaction,
} from '@safesend/shared/rooms/calls.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import { send } from '#lib/api/send.ts';

export async function saveEdit(roomId: string, messageId: string, body: string): Promise<void> {
  await send(editMessage, { params: { roomId, messageId }, body: { body }, commandId: newId() });
}

export async function removeMessage(roomId: string, messageId: string): Promise<void> {
  await send(deleteMessage, { params: { roomId, messageId }, commandId: newId() });
}

export async function setReaction(roomId: string, messageId: string, emoji: string, present: boolean): Promise<void> {
  await send(present ? addReaction : removeReaction, { params: { roomId, messageId, emoji } });
}

/** Moves my mark back to just before a fact, so that it and what follows are unread again. */
export async function markUnreadFrom(roomId: string, seq: number): Promise<void> {
  await send(markRead, { params: { roomId }, body: { seq: seq - 1 } });
}

export async function findMessage(roomId: string, messageId: string): Promise<{ message: Message; seq: number }> {
  return send(getMessage, { params: { roomId, messageId } });
}
