import { setTimeout as pause } from 'node:timers/promises';
import { isWithout } from './faults.ts';
import { isOutage } from './outage.ts';
import { sqlState } from './sql.ts';

/** A reason not to start that the person at the keyboard can act on: one sentence, printed without a stack. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** Puts the failures every start can meet (a full disk, a folder that is not ours) into that one sentence. */
export function asStartupError(error: unknown, doing: string): StartupError {
  if (error instanceof StartupError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const path = error instanceof Error && 'path' in error ? ` (${String(error.path)})` : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StartupError(`The disk is full: SafeSend could not ${doing}${path}. Free some space and start again.`);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StartupError(`SafeSend may not write where it must to ${doing}${path}. Check who owns that folder.`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StartupError(`SafeSend could not ${doing}${path}: ${reason.split('\n', 1)[0] ?? reason}`);
}

/** A database that says nothing, or that it cannot. */
export function unanswered(error: unknown, waited = ''): StartupError {
  const advice =
    sqlState(error) === '53300' ? 'Raise its max_connections, or start fewer processes.' : 'Check DATABASE_URL.';
  return new StartupError(`The database does not answer${waited}: ${reasonOf(error)} ${advice}`, { cause: error });
}

/** Does a part of the start, again and again while the database is away. */
export type Patience = <Result>(work: () => Promise<Result>) => Promise<Result>;

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/**
 * A start waits this long for a database that is briefly away, full or starting: after a power cut both come up together,
 * and a killed process leaves connections behind. Everything else ends the start at once.
 */
export function patienceOf(seconds: number, say: (line: string) => void): Patience {
  return async (work) => {
    let givesUpAt: number | undefined;
    for (let wait = firstPauseMs; ; wait = Math.min(wait * 2, longestPauseMs)) {
      try {
        return await work();
      } catch (error) {
        if (!isOutage(error) || isWithout('start-patience')) throw error;
        if (givesUpAt === undefined && seconds > 0)
          say(`The database does not answer: ${reasonOf(error)} Trying for ${seconds} s.`);
        givesUpAt ??= performance.now() + seconds * 1_000;
        if (performance.now() >= givesUpAt) throw unanswered(rootOf(error), seconds > 0 ? ` for ${seconds} s` : '');
        await pause(wait);
      }
    }
  };
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

function reasonOf(error: unknown): string {
  const root = rootOf(error);
  const code = root instanceof Error && 'code' in root ? String(root.code) : '';
  const message = (root instanceof Error && root.message.split('\n', 1)[0]) || code;
  return message.endsWith('.') ? message : `${message}.`;
}
