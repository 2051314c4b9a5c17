import { failureStatus, type FailureCode, type FieldError, type Winner } from '@safesend/shared/failure.ts';

/** `offline`: the request never got an answer, so nobody knows whether it was carried out. */
export type ProblemCode = FailureCode | 'offline';

interface ProblemFields {
  status: number;
  code: ProblemCode;
  detail: string;
  errors?: readonly FieldError[] | undefined;
  winner?: Winner | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
}

/** What the API said when it refused (RFC 9457), or that it could not be reached. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly winner: Winner | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(fields: ProblemFields) {
    super(fields.detail);
    this.name = 'ApiProblem';
    this.status = fields.status;
    this.code = fields.code;
    this.detail = fields.detail;
    this.errors = fields.errors ?? [];
    this.winner = fields.winner;
    this.requestId = fields.requestId;
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }
}

/** There was no answer. */
export function offlineProblem(): ApiProblem {
  return new ApiProblem({ status: 0, code: 'offline', detail: '' });
}

interface ProblemBody {
  code?: string;
  detail?: string;
  errors?: readonly FieldError[];
  winner?: Winner;
  requestId?: string;
}

/** Reads a refusal; anything that is not problem+json (a proxy's own page) still becomes one. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const retryAfter = Number(response.headers.get('retry-after'));
  return new ApiProblem({
    status: response.status,
    code: isFailureCode(body.code) ? body.code : codeOfStatus(response.status),
    detail: body.detail ?? '',
    errors: body.errors,
    winner: body.winner,
    requestId: body.requestId,
    retryAfterSeconds: retryAfter > 0 ? retryAfter : undefined,
  });
}

function isFailureCode(code: string | undefined): code is FailureCode {
  return code !== undefined && Object.hasOwn(failureStatus, code);
}

function codeOfStatus(status: number): FailureCode {
  if (status === 502 || status === 504) return 'unavailable';
  const known = Object.entries(failureStatus).find(([, number]) => number === status);
  return known ? (known[0] as FailureCode) : 'unexpected';
}
