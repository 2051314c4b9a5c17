import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { CallShape, AnswerOf } from '@safesend/shared/call.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { commandId } from '@safesend/shared/ids.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import type { HttpContext, HttpEnv } from './context.ts';
import { identify, readBody, refuseForeign, setApiHeaders } from './guard.ts';
import type { Authenticate, Identity } from './identity.ts';
import type { Logger } from './log.ts';
import { bodyOf, routeOf, streamedRouteOf, type StreamedCall } from './openapi.ts';
import { clientAddress, type OwnOrigin } from './origin.ts';
import { failureOf, invalidFrom, problemOf } from './problem.ts';
import type { RateLimits } from './rate.ts';
import type { Em } from './sql.ts';
import type { Outcome, Transact, Tx } from './transact.ts';

export type { HttpContext, HttpEnv } from './context.ts';

const maxBodyBytes = 1024 * 1024;
export const streamedPaths = /^\/api\/v1\/(?:uploads|me\/avatar)(?:[/?]|$)/;

/** An answer with its status, for calls that have more than one. */
export class Reply<Value = unknown> {
  readonly status: number;
  readonly value: Value;
  constructor(status: number, value: Value) {
    this.status = status;
    this.value = value;
  }
}

type Input<Shape extends CallShape, Key extends 'params' | 'query' | 'body'> =
  NonNullable<Shape[Key]> extends z.ZodType ? z.output<NonNullable<Shape[Key]>> : undefined;

/** What a handler is handed: the parsed input, who asks, and the ways to read and to change. */
export interface Asked<Shape extends CallShape> {
  readonly params: Input<Shape, 'params'>;
  readonly query: Input<Shape, 'query'>;
  readonly body: Input<Shape, 'body'>;
  /** The command's id; empty where none was sent and none is required. */
  readonly commandId: string;
  /** The signed-in person. Public calls that need one fail as `unauthenticated`. */
  readonly me: string;
  readonly identity: Identity | null;
  readonly em: Em;
  readonly address: string;
  readonly c: HttpContext;
  readonly limits: RateLimits;
  /** Changes something as the signed-in person, at most once per command id when one was sent. */
  transact<Result>(
    work: (tx: Tx) => Promise<Result>,
    present: (outcome: Outcome<Result>) => AnswerOf<Shape> | Reply<AnswerOf<Shape>>,
  ): Promise<Reply<AnswerOf<Shape>>>;
  /** Changes something as another actor than the signed-in person (registration, sign-in, one-time links). */
  readonly transactAs: Transact;
}

/** A `Response` is an answer that is not JSON: bytes, for instance. */
export type Door = <Shape extends CallShape>(
  call: Shape,
  handle: (asked: Asked<Shape>) => Promise<AnswerOf<Shape> | Reply<AnswerOf<Shape>> | Response>,
) => void;

export type StreamDoor = (
  call: StreamedCall,
  handle: (c: HttpContext, identity: Identity | null) => Promise<Response>,
) => void;

export interface HttpDeps {
  readonly orm: MikroORM;
  readonly transact: Transact;
  readonly authenticate: Authenticate;
  readonly origin: OwnOrigin;
  readonly limits: RateLimits;
  readonly log: Logger;
  readonly trustProxy: readonly string[];
  /** Only the page renderer of this process knows it. */
  readonly pageKey: string;
}

/** The one pipeline every route stands in. */
export function createApi(deps: HttpDeps) {
  const app = new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidFrom(result.error.issues);
    },
  });
  app.use('*', async (c, next) => {
    c.set('requestId', randomUUID());
    c.set('identity', null);
    c.set('address', addressOf(c.env.incoming, deps));
    setApiHeaders(c);
    await next();
  });
  app.use('*', async (c, next) => {
    await deps.limits.spend('http.address', c.var.address);
    await refuseForeign(c, deps.origin);
    c.set('identity', await identify(c, deps.authenticate));
    if (c.var.identity) await deps.limits.spend('http.person', c.var.identity.userId);
    await next();
  });
  const tooLarge = () => {
    throw new Failure('too_large', 'The body is larger than 1 MiB.');
  };
  const limited = bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge });
  app.use('*', async (c, next) => (isStreamed(c) ? next() : limited(c, next)));
  app.use('*', async (c, next) => {
    if (!isStreamed(c)) await readBody(c);
    await next();
  });
  app.onError((error, c) => answerError(error, c, deps.log));

  const door: Door = (call, handle) => {
    const admit = async (c: HttpContext, next: () => Promise<void>) => {
      allow(call, c.var.identity);
      await next();
    };
    app.openapi(
      { ...(routeOf(call) as object), middleware: admit } as never,
      (async (c: HttpContext) => {
        const asked = await ask(deps, call, c);
        const answered = await handle(asked);
        return send(c, call, answered);
      }) as never,
    );
  };
  const stream: StreamDoor = (call, handle) => {
    const { method, access } = call;
    app.openAPIRegistry.registerPath(streamedRouteOf(call));
    app.on(method.toUpperCase(), call.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
      allow({ access }, c.var.identity);
      return handle(c, c.var.identity);
    });
  };
  return { app, door, stream };
}

/** What is sent as files may be larger than what is held in memory. */
function isStreamed(c: HttpContext): boolean {
  // Taking a picture away sends nothing.
  return streamedPaths.test(c.req.path) && !(c.req.method === 'DELETE' && c.req.path.endsWith('/avatar'));
}

/** The page renderer of this very process speaks for whoever opened the page; he is the last hop it names. */
function addressOf({ headers, socket }: IncomingMessage, { pageKey, trustProxy }: HttpDeps): string {
  if (headers['x-safesend-page'] !== pageKey) return clientAddress(socket.remoteAddress, headers, trustProxy);
  const hops = String(headers['x-forwarded-for'] ?? '').split(',');
  const reader = hops.pop()?.trim();
  return clientAddress(reader, { 'x-forwarded-for': hops.join(',') }, trustProxy);
}

async function ask<Shape extends CallShape>(deps: HttpDeps, call: Shape, c: HttpContext): Promise<Asked<Shape>> {
  const { identity } = c.var;
  const valid = (target: string) => c.req.valid(target as never) as unknown;
  const params = call.params && valid('param');
  const body = bodyOf(call) && valid('json');
  const id = commandIdOf(call, c, body);
  const asked = {
    params,
    query: call.query && valid('query'),
    body: withoutCommandId(body),
    commandId: id ?? '',
    identity,
    get me(): string {
      return personOf(identity);
    },
    em: deps.orm.em.fork() as Em,
    address: c.var.address,
    c,
    limits: deps.limits,
    transactAs: deps.transact,
    async transact<Result>(
      work: (tx: Tx) => Promise<Result>,
      present: (outcome: Outcome<Result>) => unknown,
    ): Promise<Reply> {
      const actor = { id: personOf(identity) };
      const answer = (outcome: Outcome<Result>) => asReply(call, present(outcome));
      if (id === undefined) return answer(await deps.transact(actor, work));
      const command = { id, verb: `${call.method} ${call.path}`, input: { params, body: withoutCommandId(body) } };
      const answered = await deps.transact.command(actor, command, work, (outcome) => {
        const { status, value } = answer(outcome);
        return { status, answer: value };
      });
      return new Reply(answered.status, answered.answer ?? null);
    },
  };
  return asked as unknown as Asked<Shape>;
}

function personOf(identity: Identity | null): string {
  if (!identity) throw new Failure('unauthenticated', 'Sign in first.');
  return identity.userId;
}

/** Who may knock at all, asked before anything he sent is looked at: 401 without a session, 403 for a token whose scopes do not reach. */
function allow(call: Pick<CallShape, 'access'>, identity: Identity | null): void {
  if (call.access === 'public') return;
  if (!identity) throw new Failure('unauthenticated', 'Sign in first.');
  if (identity.kind === 'session') return;
  if (call.access === 'session') throw new Failure('forbidden', 'An API token cannot do this; sign in instead.');
  if (!identity.scopes.includes(call.access))
    throw new Failure('forbidden', `This token lacks the scope "${call.access}".`);
}

function commandIdOf(call: CallShape, c: HttpContext, body: unknown): string | undefined {
  const header = c.req.header('idempotency-key');
  const inBody = body !== null && typeof body === 'object' && 'commandId' in body ? body.commandId : undefined;
  if (header !== undefined) {
    const parsed = commandId.safeParse(header);
    if (!parsed.success)
      throw new Failure('invalid', 'Idempotency-Key must be 1 to 255 printable characters.', {
        errors: [{ path: 'Idempotency-Key', message: 'Use 1 to 255 printable characters.' }],
      });
    if (inBody !== undefined && inBody !== header) {
      throw new Failure('invalid', 'Idempotency-Key and commandId differ.', {
        errors: [{ path: 'commandId', message: 'Differs from Idempotency-Key.' }],
      });
    }
  }
  const id = header ?? (typeof inBody === 'string' ? inBody : undefined);
  if (id === undefined && call.command === 'required') {
    throw new Failure('invalid', 'A command id is needed.', {
      errors: [{ path: 'commandId', message: 'Give commandId or the Idempotency-Key header.' }],
    });
  }
  return call.command === undefined ? undefined : id;
}

export function withoutCommandId(body: unknown): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body;
  const { commandId: _commandId, ...rest } = body as Record<string, unknown>;
  return rest;
}

function asReply(call: CallShape, answered: unknown): Reply {
  if (answered instanceof Reply) return answered;
  return new Reply(Number(Object.keys(call.answers)[0]), answered ?? null);
}

function send(c: HttpContext, call: CallShape, answered: unknown): Response {
  if (answered instanceof Response) return answered;
  const { status, value } = asReply(call, answered);
  if (status === 204) return c.body(null, 204);
  return c.json(value as never, status as 200);
}

/** For addresses that nothing answers. */
export function answerMissing(c: HttpContext): Response {
  const requestId = c.var.requestId ?? randomUUID();
  const problem = problemOf(new Failure('missing', 'No such resource.'), requestId);
  return c.body(JSON.stringify(problem), 404, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  });
}

const refusals: Readonly<Partial<Record<number, Failure>>> = {
  400: new Failure('malformed', 'The request cannot be read.'),
  415: new Failure('unsupported', 'Send application/json.'),
};

/** Whoever stopped before all that he announced had come has his answer by now, or is gone: nothing failed, and nobody reads more. */
function isCutOff({ env: { incoming } }: HttpContext): boolean {
  return incoming.destroyed && !incoming.complete;
}

function answerError(error: unknown, c: HttpContext, log: Logger): Response {
  if (isCutOff(c)) return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
  // What the library below refuses by itself is the caller's mistake, too.
  const refusal = error instanceof HTTPException ? refusals[error.status] : undefined;
  const failure = refusal ?? failureOf(error);
  const { requestId } = c.var;
  if (failure.code === 'unexpected')
    log.error({ err: error, requestId, method: c.req.method, path: c.req.routePath }, 'request failed');
  const problem = problemOf(failure, requestId);
  const { retryAfterSeconds } = failure.details;
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  // The rest of the body is not read, so nothing else can come on this connection.
  if (failure.code === 'too_large') c.header('Connection', 'close');
  return c.body(JSON.stringify(problem), problem.status as 400, { 'Content-Type': 'application/problem+json' });
}
