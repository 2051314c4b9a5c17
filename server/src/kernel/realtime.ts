import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Failure, type FailureCode } from '@safesend/shared/failure.ts';
import {
  toServer,
  type Answer,
  type SessionEnd,
  type ToServerName,
  type ToServerValue,
} from '@safesend/shared/socket.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Server } from 'socket.io';
import type { z } from 'zod';
import { Backlog } from './backlog.ts';
import { refuseHostile } from './hygiene.ts';
import { strike } from './faults.ts';
import { gather } from './gather.ts';
import { findEnded, type Authenticate } from './identity.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { clientAddress, type OwnOrigin } from './origin.ts';
import { textParser } from './parser.ts';
import { failureOf, invalidFrom } from './problem.ts';
import { userChannel, type Client, type Io } from './channels.ts';
import type { Publisher } from './publish.ts';
import type { RateLimits } from './rate.ts';
import type { RedisLinks } from './redis.ts';
import type { Em } from './sql.ts';
import { Replies, watchLine } from './sending.ts';
import type { Transact } from './transact.ts';

export interface SocketContext {
  readonly client: Client;
  readonly me: string;
  /** Product time when the session was seen alive for this event. */
  readonly seenAt: Date;
  readonly io: Io;
  readonly em: Em;
  readonly publisher: Publisher;
  readonly transact: Transact;
  readonly limits: RateLimits;
  readonly backlog: Backlog;
}
export type SocketHandler<Name extends ToServerName> = (
  context: SocketContext,
  input: z.output<(typeof toServer)[Name]>,
) => Promise<ToServerValue<Name>>;
export type SocketHandlers = { readonly [Name in ToServerName]: SocketHandler<Name> };

/** A Socket.IO server with every limit this product promises, and none of the conveniences that would break a promise. */
export function createIo(http: HttpServer, origin: OwnOrigin, cookieName: () => string, redis: RedisLinks | null): Io {
  const io: Io = new Server(http, {
    path: '/socket.io',
    serveClient: false,
    parser: textParser,
    maxHttpBufferSize: 64 * 1024,
    connectTimeout: 10_000,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    perMessageDeflate: false,
    httpCompression: false,
    allowRequest: (request, answer) => {
      if (isAllowed(request, origin, cookieName())) answer(null, true);
      else if (request.headers.upgrade === undefined) answer(null, false);
      else request.socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
  });
  io.engine.on('connection', refuseBinary);
  if (redis) io.adapter(redis.adapter);
  return io;
}

const binaryPacket = /^[56]/;

/** Nothing here is sent in parts, and who promises parts that never come keeps what waits for them alive. */
function refuseBinary(connection: Client['conn']): void {
  connection.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
    if (type === 'message' && (typeof data !== 'string' || binaryPacket.test(data))) connection.close();
  });
}

/** CORS does not stop cross-site sockets; this does. Without an Origin there may be no cookie: scripts send a token. */
function isAllowed({ headers }: IncomingMessage, origin: OwnOrigin, cookieName: string): boolean {
  if (headers.origin !== undefined) return origin.includes(headers.origin);
  return !(headers.cookie ?? '').includes(`${cookieName}=`);
}

export interface RealtimeDeps {
  readonly io: Io;
  readonly orm: MikroORM;
  readonly authenticate: Authenticate;
  readonly publisher: Publisher;
  readonly transact: Transact;
  readonly limits: RateLimits;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly trustProxy: readonly string[];
  readonly handlers: SocketHandlers;
  /** A socket of this person came or went. */
  readonly connected: (client: Client) => void;
  readonly disconnected: (client: Client) => void;
}

export function serveSockets(deps: RealtimeDeps): void {
  const { io, publisher } = deps;
  const backlog = new Backlog(deps.orm, deps.metrics);
  const see = gather<string, Seen>(async (keys) => {
    const { ended, at } = await findEnded(deps.orm.em.fork(), [...new Set(keys)]);
    return keys.map((key) => ({ value: { at, ended: ended.get(key) ?? null } }));
  });
  const listening = { ...deps, see, backlog, replies: new Replies() };
  io.use((client, next) => {
    introduce(deps, client).then(
      () => next(),
      (error: unknown) => next(connectError(error)),
    );
  });
  io.on('connection', (client) => {
    void client.join(userChannel(client.data.identity.userId));
    watchLine(client, deps.metrics);
    listen(listening, client);
    deps.connected(client);
    client.on('disconnect', () => {
      publisher.seats.leaveAll(client);
      deps.disconnected(client);
    });
  });
}

async function introduce({ authenticate, limits, trustProxy }: RealtimeDeps, client: Client): Promise<void> {
  const { headers, auth } = client.handshake;
  const address = clientAddress(client.request.socket.remoteAddress, headers, trustProxy);
  await limits.spend('handshake.address', address);
  const token: unknown = auth['token'];
  const identity =
    typeof token === 'string' && token.length <= 300
      ? await authenticate.byToken(token)
      : await authenticate.bySessionCookie(headers.cookie ?? '');
  if (!identity) throw new Failure('unauthenticated', 'Sign in first.');
  if (!identity.scopes.includes('read')) throw new Failure('unauthenticated', 'This token lacks the scope "read".');
  client.data.identity = identity;
  client.data.address = address;
}

function connectError(error: unknown): Error {
  const { code, message } = failureOf(error);
  return Object.assign(new Error(message), { data: { code } });
}

interface Seen {
  /** Product time of the answer. */
  readonly at: Date;
  readonly ended: SessionEnd | null;
}

/** Asked at every event; the questions that arrive while one is under way share the next. */
interface Listening extends RealtimeDeps {
  readonly see: (credentialKey: string) => Promise<Seen>;
  readonly backlog: Backlog;
  readonly replies: Replies;
}

const writing = new Set<ToServerName>(['message.post', 'room.markRead', 'room.typing']);

/** The one wrapper: arity and acknowledgement, depth, schema, live session, rate, and a catch around the rest. */
function listen(deps: Listening, client: Client): void {
  // One listener for all events: thousands of idle connections keep it in memory.
  client.onAny((event: string, ...args: unknown[]) => {
    const answer = args.at(-1);
    if (typeof answer !== 'function') return;
    const reply = (result: Answer<ToServerValue<ToServerName>>) => deps.replies.put(client, () => void answer(result));
    const asked = isName(event) ? handle(deps, client, event, args.slice(0, -1)) : refuseUnknown(deps, client);
    asked.then(
      (value) => {
        if (event === 'message.post') strike('acknowledging');
        reply({ ok: true, value });
      },
      (error: unknown) => reply({ ok: false, error: answerError(deps.log, event, error) }),
    );
  });
}

function isName(event: string): event is ToServerName {
  return Object.hasOwn(toServer, event);
}

async function refuseUnknown({ limits }: Listening, client: Client): Promise<never> {
  await limits.spend('socket.person', client.data.identity.userId);
  throw new Failure('missing', 'No such event.');
}

async function handle<Name extends ToServerName>(
  deps: Listening,
  client: Client,
  name: Name,
  payload: readonly unknown[],
): Promise<ToServerValue<Name>> {
  const { identity } = client.data;
  await deps.limits.spend('socket.person', identity.userId);
  if (payload.length !== 1) throw new Failure('invalid', 'Send one payload and an acknowledgement.');
  refuseHostile(payload[0]);
  const { at: seenAt, ended } = await deps.see(identity.credentialKey);
  if (ended !== null) {
    client.emit('session.ended', { reason: ended });
    client.disconnect(true);
    throw new Failure('unauthenticated', 'This session has ended.');
  }
  if (writing.has(name) && !identity.scopes.includes('write'))
    throw new Failure('forbidden', 'This token lacks the scope "write".');
  const parsed = toServer[name].safeParse(payload[0]);
  if (!parsed.success) throw invalidFrom(parsed.error.issues);
  // Whoever closed the line while this was looked at has no place to take: nobody would clear it behind him.
  if (client.disconnected) throw new Failure('unavailable', 'The connection is gone.');
  const { io, orm, publisher, transact, limits, backlog } = deps;
  let forked: Em | undefined;
  const context: SocketContext = {
    client,
    me: identity.userId,
    seenAt,
    io,
    publisher,
    transact,
    limits,
    backlog,
    get em() {
      return (forked ??= orm.em.fork());
    },
  };
  return deps.handlers[name](context, parsed.data as never);
}

function answerError(log: Logger, name: string, error: unknown): { code: FailureCode; message: string } {
  const { code, message, details } = failureOf(error);
  if (code !== 'unexpected') return { code, message, ...details };
  const requestId = randomUUID();
  log.error({ err: error, event: name, requestId }, 'socket event failed');
  return { code, message, requestId } as { code: FailureCode; message: string };
}
