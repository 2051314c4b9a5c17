import { Failure } from '@safesend/shared/failure.ts';
import { maxSendingAtOnce } from '@safesend/shared/files/limits.ts';
import { Courtesy } from '../../../kernel/courtesy.ts';
import { Gate } from '../../../kernel/gate.ts';

/** Each write costs the thread that answers people the same, however many bytes it has. So much of every upload is in memory. */
export const pieceBytes = 512 * 1024;
/** Where more than these are sent at once, by however many people, the others' pieces are small. */
const largePieces = 64;
const smallPieceBytes = 64 * 1024;

/** Where all uploads of a process take their turns, so that people who talk beside them notice nothing. */
export class Intake {
  /** Bytes that have arrived. Whoever waits is not read from, and his line slows down. */
  readonly pieces: Courtesy;
  /** What has arrived, on its way from the system's memory to the disk. Half of the threads for files stay free meanwhile. */
  readonly flushes: Courtesy;
  /**
   * What an upload is beside its bytes: each request until its bytes are taken, and what the last of them makes it. Fifty that begin or
   * end in one moment would fill the processor and the database for a second. A step may wait for a lock; its turn does not.
   */
  readonly steps: Courtesy;
  /**
   * Transactions that open an upload or make it a fact, by room: so many at once leave the database to who talks, and those of one
   * room would only wait for each other. One that waits for a lock of somebody else keeps no other room waiting.
   */
  readonly changes = new Gate(4);
  /** How often at this moment, by person and upload. */
  readonly #sending = new Map<string, Map<string, number>>();
  #sendingCount = 0;

  constructor(isTalkGoingOn: () => boolean) {
    this.pieces = new Courtesy(isTalkGoingOn, { atOnce: 4, rest: 4 });
    this.flushes = new Courtesy(isTalkGoingOn, { atOnce: 2, rest: 0 });
    this.steps = new Courtesy(isTalkGoingOn, { atOnce: 8, rest: 1, longestTurnMs: 50 });
  }

  /**
   * Somebody begins to send an upload; answers how to say that it has ended. Fails as `throttled` where he sends enough
   * already. Of one upload there may be two: one whose line is dead and nobody knows yet, and the one that takes over.
   */
  admit(userId: string, uploadId: string): () => void {
    const own = this.#sending.get(userId) ?? new Map<string, number>();
    const times = own.get(uploadId) ?? 0;
    if (times >= 2 || (times === 0 && own.size >= maxSendingAtOnce)) {
      throw new Failure(
        'throttled',
        `At most ${maxSendingAtOnce} files are sent at once. Try again when one has ended.`,
        {
          retryAfterSeconds: 3,
        },
      );
    }
    this.#sending.set(userId, own.set(uploadId, times + 1));
    if (times === 0) this.#sendingCount++;
    return () => this.#leave(userId, uploadId);
  }

  /** What the next piece of somebody who was admitted may take of the memory. */
  get pieceBytes(): number {
    return this.#sendingCount > largePieces ? smallPieceBytes : pieceBytes;
  }

  #leave(userId: string, uploadId: string): void {
    const own = this.#sending.get(userId);
    const left = (own?.get(uploadId) ?? 1) - 1;
    if (left > 0) return void own?.set(uploadId, left);
    own?.delete(uploadId);
    this.#sendingCount--;
    if (own?.size === 0) this.#sending.delete(userId);
  }
}
