import { Courtesy } from '../../../kernel/courtesy.ts';

/** Each write costs the thread that answers people the same, however many bytes it has. So much of every upload is in memory. */
export const pieceBytes = 512 * 1024;

/**
 * Where all uploads of a process take their turns, so that people who talk beside them notice nothing. What the database is
 * asked for takes none: it may wait for a lock that somebody else holds, and everybody behind it would.
 */
export class Intake {
  /** Bytes that have arrived. Whoever waits is not read from, and his line slows down. */
  readonly pieces: Courtesy;
  /** What has arrived, on its way from the system's memory to the disk. Half of the threads for files stay free meanwhile. */
  readonly flushes: Courtesy;

  constructor(isTalkGoingOn: () => boolean) {
    this.pieces = new Courtesy(isTalkGoingOn, { atOnce: 4, rest: 4 });
    this.flushes = new Courtesy(isTalkGoingOn, { atOnce: 2, rest: 0 });
  }
}
