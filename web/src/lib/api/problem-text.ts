import { m } from '#lib/paraglide/messages.js';
import { ApiProblem, type ProblemCode } from './problem.ts';

const texts: Record<ProblemCode, () => string> = {
  malformed: m.problem_malformed,
  unauthenticated: m.problem_unauthenticated,
  forbidden: m.problem_forbidden,
  email_unverified: m.problem_email_unverified,
  reauthentication_required: m.problem_reauthentication_required,
  missing: m.problem_missing,
  conflict: m.problem_conflict,
  reset: m.problem_reset,
  too_large: m.problem_too_large,
  unsupported: m.problem_unsupported,
  unsatisfiable: m.problem_unsatisfiable,
  invalid: m.problem_invalid,
  throttled: m.problem_throttled,
  unexpected: m.problem_unexpected,
  unavailable: m.problem_unavailable,
  payments_not_configured: m.problem_payments_not_configured,
  offline: m.problem_offline,
};

/** The API knows the case better than its code, except where its words are the same for every case. */
const generic: ReadonlySet<ProblemCode> = new Set(['unexpected', 'unavailable', 'offline', 'unauthenticated']);

/** What went wrong and what to do about it, in words for a person. */
export function problemText(problem: unknown): string {
  if (!(problem instanceof ApiProblem)) return m.problem_unexpected();
  if (problem.code === 'throttled' && problem.retryAfterSeconds) {
    return throttledText(problem.retryAfterSeconds);
  }
  return (generic.has(problem.code) ? '' : problem.detail) || texts[problem.code]();
}

/** The request to name to whoever runs this, where it failed on his side. A refusal says in words what is to be done. */
export function requestIdOf(problem: unknown): string | undefined {
  return problem instanceof ApiProblem && problem.status >= 500 ? problem.requestId : undefined;
}

/** Nobody counts 840 seconds; rounded up, so that it holds. */
function throttledText(seconds: number): string {
  if (seconds < 90) return m.problem_throttled_for({ seconds });
  return m.problem_throttled_minutes({ minutes: Math.ceil(seconds / 60) });
}
