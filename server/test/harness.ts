import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from '@safesend/shared/accounts/calls.ts';
import type { User } from '@safesend/shared/accounts/user.ts';
import type { AnswerOf, CallShape, InputOf } from '@safesend/shared/call.ts';
import { newId } from '@safesend/shared/ids.ts';
import { acceptInvitation, createProject, invite } from '@safesend/shared/projects/calls.ts';
import type { Project } from '@safesend/shared/projects/project.ts';
import type { Answer as SocketAnswer, ToClient, ToServer } from '@safesend/shared/socket.ts';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { inject } from 'vitest';
import { startApp, type App } from '../src/app.ts';
import { readEnv } from '../src/kernel/env.ts';
import { createLog } from '../src/kernel/log.ts';
import { makeDatabase } from './fresh-database.ts';

export type TestSocket = Socket<ToClient, ToServer>;

/** A fresh database of the run's own Postgres, made from the migrated template. */
export async function createDatabase(): Promise<string> {
  return makeDatabase(inject('postgresUrl'), 'safesend_template');
}

export interface TestApp extends App {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Runs SQL as the owner of the database, past every rule the product's own role obeys. */
  sql<Row extends object>(text: string, parameters?: unknown[]): Promise<Row[]>;
}

export interface TestSettings {
  readonly databaseUrl?: string;
  readonly dataDir?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

export async function startTestApp({ databaseUrl, dataDir, environment = {} }: TestSettings = {}): Promise<TestApp> {
  const url = databaseUrl ?? (await createDatabase());
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'safesend-app-')));
  const env = readEnv({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    RATE_LIMITS: 'off',
    SAFESEND_TEST_CLOCK: '1',
    SAFESEND_DATA_DIR: folder,
    ...environment,
  });
  const app = await startApp({
    env,
    log: createLog({ level: process.env['LOG_LEVEL'] ?? 'silent', pretty: false }),
    databaseUrl: url,
  });
  const owner = new pg.Pool({ connectionString: url, max: 2 });
  owner.on('error', () => undefined);
  return {
    ...app,
    databaseUrl: url,
    dataDir: folder,
    async sql(text, parameters) {
      return (await owner.query(text, parameters)).rows;
    },
    async close() {
      await app.close();
      await owner.end();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two processes of one database that hear of each other over Redis. */
export async function startTwoApps(): Promise<[TestApp, TestApp]> {
  const settings = { databaseUrl: await createDatabase(), environment: { REDIS_URL: inject('redisUrl') } };
  return Promise.all([startTestApp(settings), startTestApp(settings)]);
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export interface Sent<Shape extends CallShape> {
  readonly params?: InputOf<Shape['params']>;
  readonly query?: Record<string, string | number>;
  readonly body?: Shape['body'] extends object ? InputOf<Shape['body']> : never;
  readonly commandId?: string;
  readonly headers?: Record<string, string>;
}

/** Makes a call as anybody who holds these headers would. */
export async function send<Shape extends CallShape>(
  base: string,
  call: Shape,
  { params = {} as never, query = {}, body, commandId, headers = {} }: Sent<Shape>,
): Promise<Answer<AnswerOf<Shape>>> {
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  );
  const search = new URLSearchParams(
    Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])),
  );
  const response = await fetch(`${base}/api/v1${path}${search.size > 0 ? `?${search}` : ''}`, {
    method: call.method.toUpperCase(),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(commandId !== undefined && { 'idempotency-key': commandId }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? null : JSON.parse(text)) as AnswerOf<Shape>,
    headers: response.headers,
  };
}

/** A signed-in person with his own browser. */
export class Person {
  readonly user: User;
  readonly inboxRoomId: string;
  readonly cookie: string;
  readonly base: string;
  readonly #sockets: TestSocket[] = [];

  constructor(base: string, user: User, inboxRoomId: string, cookie: string) {
    this.base = base;
    this.user = user;
    this.inboxRoomId = inboxRoomId;
    this.cookie = cookie;
  }

  get id(): string {
    return this.user.id;
  }

  /** The same person at another process. */
  at(base: string): Person {
    return new Person(base, this.user, this.inboxRoomId, this.cookie);
  }

  call<Shape extends CallShape>(call: Shape, sent: Sent<Shape> = {}): Promise<Answer<AnswerOf<Shape>>> {
    return send(this.base, call, { ...sent, headers: { cookie: this.cookie, ...sent.headers } });
  }

  /** The answer's body; fails the test when the call does. */
  async must<Shape extends CallShape>(call: Shape, sent: Sent<Shape> = {}): Promise<AnswerOf<Shape>> {
    const { status, body } = await this.call(call, sent);
    if (status >= 400) throw new Error(`${call.method} ${call.path} → ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async socket(): Promise<TestSocket> {
    const socket = connect(this.base, { cookie: this.cookie, origin: this.base });
    this.#sockets.push(socket);
    await connected(socket);
    return socket;
  }

  close(): void {
    for (const socket of this.#sockets) socket.disconnect();
  }
}

export function connect(
  base: string,
  extraHeaders: Record<string, string>,
  auth: Record<string, string> = {},
): TestSocket {
  return io(base, { transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders, auth });
}

/** What a socket was answered; its refusal is thrown in words. */
export function valueOf<Value>(answer: SocketAnswer<Value>): Value {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

export function connected(socket: TestSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}

let people = 0;

export async function signUp(
  app: { port: number },
  role: 'client' | 'freelancer' = 'client',
  name?: string,
): Promise<Person> {
  const username = name ?? `person${++people}-${randomBytes(3).toString('hex')}`;
  const base = `http://127.0.0.1:${app.port}`;
  const body = {
    email: `${username}@example.com`,
    username,
    password: 'correct horse battery staple',
    displayName: `Person ${username}`,
    role,
  };
  const answer = await send(base, register, { body });
  if (answer.status !== 201) throw new Error(`register → ${answer.status} ${JSON.stringify(answer.body)}`);
  const cookie = (answer.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
  return new Person(base, answer.body.user, answer.body.inboxRoomId, cookie);
}

/** A project of a client with a freelancer in its room. */
export async function projectOf(owner: Person, ...others: Person[]): Promise<Project> {
  const { project } = await owner.must(createProject, {
    body: { title: `Project ${newId()}`, description: '', currency: 'EUR', milestones: [] },
  });
  for (const other of others) await joinProject(owner, other, project.id);
  return project;
}

export async function joinProject(
  owner: Person,
  other: Person,
  projectId: string,
  history?: 'whole' | 'join',
): Promise<void> {
  const { invitation } = await owner.must(invite, {
    params: { projectId },
    body: { username: other.user.username, role: other.user.role, ...(history && { history }) },
  });
  await other.must(acceptInvitation, { params: { invitationId: invitation.id }, body: {} });
}
