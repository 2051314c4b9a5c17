import { eventPageLimit, getRoom, listEvents } from '@safesend/shared/rooms/calls.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { RoomSnapshot } from '@safesend/shared/rooms/room.ts';
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

export async function readSnapshot(roomId: string, fetch?: typeof globalThis.fetch): Promise<RoomSnapshot> {
  return send(getRoom, { params: { roomId }, fetch });
}

/** An unbroken part of a log: every fact from one number to another that this reader may see. */
export interface Stretch {
  readonly events: readonly RoomEvent[];
  readonly from: number;
  readonly to: number;
}

/** The newest facts up to a head that is already known. */
export async function readNewest(roomId: string, headSeq: number, fetch?: typeof globalThis.fetch): Promise<Stretch> {
  const { events, more, firstSeq } = await readLog(roomId, { before: headSeq + 1 }, fetch);
  return { events, from: more ? (events[0]?.seq ?? firstSeq) : firstSeq, to: headSeq };
}

/** The facts from a number on. */
export async function readFrom(
  roomId: string,
  from: number,
  limit?: number,
  fetch?: typeof globalThis.fetch,
): Promise<Stretch> {
  const page = await readLog(roomId, { after: from - 1, ...(limit === undefined ? {} : { limit }) }, fetch);
  return { events: page.events, from, to: page.more ? (page.events.at(-1)?.seq ?? from - 1) : page.headSeq };
}
