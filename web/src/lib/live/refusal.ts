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
export function isFinal(code: FailureCode): boolean {
  return !passing.has(code);
}
