import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { asLive, readOne } from './reading.ts';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Em } from './sql.ts';
import type { Vault } from './vault.ts';

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

/** How commands and their answers are kept for a retry, so that the record tells its reader nothing of either. */
export interface AnswerRecord {
  /** Nobody guesses the input from it, not even a short one, and the same input looks different under every id. */
  bodyHash(actorId: string, command: Command): string;
  /** The answer as JSON: where an event lies, or anything else sealed. */
  pack(actorId: string, command: Command, answer: unknown): string | null;
  /** The first answer to a command that is sent again; a different body under its id is a conflict. */
  recall<Answer>(em: Em, actorId: string, command: Command, kept: KeptCommand | null): Promise<Answered<Answer>>;
}

export function recordAnswers(vault: Vault): AnswerRecord {
  const nameOf = (actorId: string, { id }: Command) => `${actorId} ${id}`;
  const textOf = (actorId: string, command: Command) =>
    `${nameOf(actorId, command)} ${canonicalJson(command.input ?? null)}`;
  return {
    bodyHash: (actorId, command) => vault.fingerprint(textOf(actorId, command)),
    pack(actorId, command, answer) {
      if (answer === undefined || answer === null) return null;
      if (hasEvent(answer)) return JSON.stringify(placeOf(answer.event));
      return JSON.stringify({ sealed: vault.seal(JSON.stringify(answer), nameOf(actorId, command)) } satisfies Sealed);
    },
    async recall<Answer>(em: Em, actorId: string, command: Command, kept: KeptCommand | null) {
      // Under another installation's key, after a restore for instance, only the verb can be compared.
      if (kept?.verb !== command.verb || vault.matches(kept.body_hash, textOf(actorId, command)) === false) {
        throw new Failure('conflict', 'This command id was used for something else.');
      }
      const { status, answer } = kept;
      if (isPlace(answer)) return { status, answer: (await findEvent(em, answer)) as Answer };
      if (!isSealed(answer)) return { status, answer: (answer ?? undefined) as Answer };
      const opened = vault.open(answer.sealed, nameOf(actorId, command));
      if (opened === null) throw new Failure('conflict', 'This was done already; its answer cannot be shown again.');
      return { status, answer: JSON.parse(opened) as Answer };
    },
  };
}

/** In place of an event: where it lies. What is unsaid later must not live on in a record of answers. */
interface Place {
  readonly event: { readonly roomId: string; readonly seq: number; readonly isPlace: true };
}

interface Sealed {
  readonly sealed: string;
}

/** An event is read where it lies, as every door shows it now. */
async function findEvent(em: Em, { event: { roomId, seq } }: Place): Promise<unknown> {
  const event = await readOne(em, roomId, seq);
  return { event: event && asLive(event) };
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

function isSealed(kept: unknown): kept is Sealed {
  return typeof kept === 'object' && kept !== null && 'sealed' in kept;
}
