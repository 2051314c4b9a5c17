import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { asLive, readOne } from './reading.ts';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { sha256 } from './chain.ts';
import type { Em } from './sql.ts';

/** A command under the id its maker keeps: `verb` and `input` must be the same when it is sent again. */
export interface Command {
  readonly id: string;
  readonly verb: string;
  readonly input: unknown;
}

export interface Answered<Answer = unknown> {
  readonly status: number;
  readonly answer: Answer;
}

/** What `commands` keeps of a command that was answered. */
export interface KeptCommand {
  readonly verb: string;
  readonly body_hash: string;
  readonly status: number;
  readonly answer: unknown;
}

export function bodyHash({ input }: Command): string {
  return sha256(canonicalJson(input));
}

/** The first answer to a command that is sent again; a different body under its id is a conflict. */
export async function recall<Answer>(em: Em, command: Command, kept: KeptCommand | null): Promise<Answered<Answer>> {
  if (kept?.verb !== command.verb || kept.body_hash !== bodyHash(command)) {
    throw new Failure('conflict', 'This command id was used for something else.');
  }
  return { status: kept.status, answer: await unpackAnswer<Answer>(em, kept.answer) };
}

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
async function unpackAnswer<Answer>(em: Em, kept: unknown): Promise<Answer> {
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
