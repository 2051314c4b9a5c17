import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { asLive, readOne } from './reading.ts';
import type { Em } from './sql.ts';

/** In place of an event: where it lies. What is unsaid later must not live on in a record of answers. */
interface Place {
  readonly event: { readonly roomId: string; readonly seq: number; readonly isPlace: true };
}

/** The answer of a command as it is kept for a retry. */
export function packAnswer(answer: unknown): string | null {
  if (answer === undefined || answer === null) return null;
  return JSON.stringify(hasEvent(answer) ? placeOf(answer.event) : answer);
}

/** The answer that was given first; an event is read where it lies, as every door shows it now. */
export async function unpackAnswer<Answer>(em: Em, kept: unknown): Promise<Answer> {
  if (!isPlace(kept)) return (kept ?? undefined) as Answer;
  const event = await readOne(em, kept.event.roomId, kept.event.seq);
  return { event: event && asLive(event) } as Answer;
}

function placeOf({ roomId, seq }: RoomEvent): Place {
  return { event: { roomId, seq, isPlace: true } };
}

function hasEvent(answer: unknown): answer is { event: RoomEvent } {
  return typeof answer === 'object' && answer !== null && 'event' in answer;
}

function isPlace(kept: unknown): kept is Place {
  return hasEvent(kept) && 'isPlace' in kept.event;
}
