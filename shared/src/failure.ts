/** The ways a command may fail on purpose. Code reads the name; HTTP reads the number; acknowledgements carry the name alone. */
export const failureStatus = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  email_unverified: 403,
  reauthentication_required: 403,
  missing: 404,
  conflict: 409,
  reset: 409,
  too_large: 413,
  unsupported: 415,
  unsatisfiable: 416,
  invalid: 422,
  throttled: 429,
  unexpected: 500,
  unavailable: 503,
  payments_not_configured: 503,
} as const;

export type FailureCode = keyof typeof failureStatus;

/** One field that was refused: where it is (`a.b.0`) and why, in words for a person. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The fact that won a race the caller lost. */
export interface Winner {
  readonly roomId: string;
  readonly seq: number;
  readonly type: string;
  readonly id: string;
}

export interface FailureDetails {
  readonly errors?: readonly FieldError[];
  readonly winner?: Winner;
  readonly retryAfterSeconds?: number;
}

export class Failure extends Error {
  readonly code: FailureCode;
  readonly details: FailureDetails;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.details = details;
  }
}

/** A field-level refusal found after the schema passed (a taken name, an amount over the limit). */
export function refuseField(code: FailureCode, path: string, message: string): Failure {
  return new Failure(code, message, { errors: [{ path, message }] });
}
