import { newId } from '@safesend/shared/ids.ts';
import { openDirect } from '@safesend/shared/rooms/calls.ts';
import { send } from '#lib/api/send.ts';

/** The room of two people, made on the first time it is asked for. */
export async function openDirectWith(username: string): Promise<string> {
  const { roomId } = await send(openDirect, { body: { username }, commandId: newId() });
  return roomId;
}
