import { Failure, failureStatus, type FailureCode } from '@safesend/shared/failure.ts';
import type { z } from 'zod';
import { issueWords } from './issue-words.ts';
import { isOutage } from './outage.ts';

const titles: Record<FailureCode, string> = {
  malformed: 'The request cannot be read',
  unauthenticated: 'Sign in first',
  forbidden: 'Not allowed',
  email_unverified: 'Verify your e-mail address first',
  reauthentication_required: 'Confirm that it is you first',
  missing: 'Not found',
  conflict: 'Something changed in between',
  reset: 'Take a fresh snapshot',
  too_large: 'Too large',
  unsupported: 'Unsupported content type',
  unsatisfiable: 'No such part of it',
  invalid: 'Some fields need attention',
  throttled: 'Too many requests',
  unexpected: 'An error on our side',
  unavailable: 'Not available right now',
  payments_not_configured: 'Payments are not set up',
};

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: FailureCode;
  readonly detail: string;
  readonly errors?: readonly { path: string; message: string }[];
  readonly winner?: { roomId: string; seq: number; type: string; id: string };
  readonly requestId: string;
}

export function problemOf(failure: Failure, requestId: string): Problem {
  const { code, message, details } = failure;
  return {
    type: `urn:safesend:problem:${code}`,
    title: titles[code],
    status: failureStatus[code],
    code,
    detail: message,
    ...(details.errors && { errors: details.errors }),
    ...(details.winner && { winner: details.winner }),
    requestId,
  };
}

/** A refusal that a protocol makes by its own number, in the form of all others. */
export function tusProblem(status: number, detail: string, headers: Headers, requestId: string): Response {
  const found = Object.entries(failureStatus).find(([, number]) => number === status)?.[0] as FailureCode | undefined;
  const code = found ?? (status === 410 ? 'missing' : 'malformed');
  const problem = { ...problemOf(new Failure(code, detail), requestId), status };
  const answered = new Headers(headers);
  answered.delete('Content-Length');
  answered.set('Content-Type', 'application/problem+json');
  return new Response(JSON.stringify(problem), { status, headers: answered });
}

/**
 * What a caller is told of any error: a Failure as it is, an outage as `unavailable`, everything else without a word of how. Nor does it
 * say that nothing was changed: a connection that is lost while the commit is under way tells nobody.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isOutage(error)) {
    return new Failure('unavailable', 'The service is busy or starting. Try again; the same command is done once.', {
      retryAfterSeconds: 2,
    });
  }
  return new Failure(
    'unexpected',
    'Something failed on our side. Try again; the same command is done once. Name the request id if it stays.',
  );
}

export function invalidFrom(issues: readonly z.core.$ZodIssue[]): Failure {
  const errors = issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issueWords(issue) }));
  return new Failure('invalid', errors[0]?.message ?? 'The input is not valid.', { errors });
}
