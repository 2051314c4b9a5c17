import { eventPageLimit, getRoom, listEvents } from '@safesend/shared/rooms/calls.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { RoomState } from '@safesend/shared/rooms/room.ts';
import { send } from '#lib/api/send.ts';

export interface LogPage {
  readonly events: readonly RoomEvent[];
  readonly headSeq: number;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly more: boolean;
}

type Where = { after: number; limit?: number } | { before: number; limit?: number };

/** One page of a room's log, ascending. The server vouches for the facts: their data is what their type says. */
export async function readLog(
  roomId: string,
  where: Where,
  fetch?: typeof globalThis.fetch,
  signal?: AbortSignal,
): Promise<LogPage> {
  const query = Object.fromEntries(
    Object.entries({ limit: eventPageLimit.default, ...where }).map(([name, value]) => [name, String(value)]),
  );
  const page = await send(listEvents, { params: { roomId }, query, fetch, signal });
  return { ...page, events: page.events as unknown as RoomEvent[] };
}

export async function readSnapshot(roomId: string, fetch?: typeof globalThis.fetch): Promise<RoomState> {
  return send(getRoom, { params: { roomId }, fetch });
}
