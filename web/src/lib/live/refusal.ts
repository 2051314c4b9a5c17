import type { FailureCode } from '@safesend/shared/failure.ts';
import type { AnswerError } from '@safesend/shared/socket.ts';

/** The question got no answer: nobody knows whether it was carried out. */
export class LinkLost extends Error {
  constructor() {
    super('The link to the server is down.');
    this.name = 'LinkLost';
  }
}

/** The server answered no. */
export class Refusal extends Error {
  readonly error: AnswerError;

  constructor(error: AnswerError) {
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
  }
}

const passing: ReadonlySet<FailureCode> = new Set(['throttled', 'unavailable', 'unexpected', 'unauthenticated']);

/** Will asking again ever give another answer? */
function isFinal(code: FailureCode): boolean {
  return !passing.has(code);
}

const pause = 2_000;
/** An error on the server's side may pass, and nobody knows whether it came before or after the commit: ask again first. */
const pausesAfterErrors = [1_000, 2_000, 4_000] as const;

/**
 * How long to wait before asking again, in milliseconds; null when the answer stands. `error` is none when no answer came,
 * `errors` how often the server has failed at this very command.
 */
export function pauseBefore(error: AnswerError | null, errors: number): number | null {
  if (!error) return pause;
  if (isFinal(error.code)) return null;
  if (error.code === 'unexpected') return pausesAfterErrors[errors - 1] ?? null;
  return error.retryAfterSeconds === undefined ? pause : error.retryAfterSeconds * 1_000;
}
