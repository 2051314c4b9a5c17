import { newId } from '@safesend/shared/ids.ts';
import { me } from '@safesend/shared/accounts/calls.ts';
import { createProject } from '@safesend/shared/projects/calls.ts';
import { toServer, type Answer, type ToServerName } from '@safesend/shared/socket.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { policy } from '../../src/policy.ts';
import { metadataOf } from '../drops.ts';
import { signUp, startTestApp, type TestApp } from '../harness.ts';
import { tier } from '../tier.ts';
import type { Ask } from './asks/ask.ts';
import { askFor, isEntrance } from './knock.ts';
import { raw } from './raw-http.ts';
import { sampleOf, textPlaces, withAt, type JsonSchema } from './string-inputs.ts';
import { furnish, openWorld, type Things, type World } from './world.ts';

/** In every hostile text: whatever carries it into a statement is seen. */
const mark = 'zq7canary';
/** Of somebody else: an answer that holds it has read too much. */
const secret = `secret-${newId().slice(-12)}`;
const hostile = [
  `${mark}' or '1'='1`,
  `${mark}'; drop table reactions; --`,
  `${mark}'); update users set grants = '{admin}'; --`,
  `${mark}" or 1=1 --`,
  `${mark}\\'; select pg_sleep(60) --`,
  `${mark}' union select email from users --`,
  `$1 $$${mark}$$ ? :name ??`,
  `%_${mark}*/ /* {{x}}`,
];
/** Below the long tier two at each place, in turns: among so many places every text has its share. */
const perPlace = tier === 'long' ? hostile.length : 2;
let turn = 0;
const hostileOf = (format: string | undefined): string[] => {
  const texts = Array.from({ length: perPlace }, () => hostile[turn++ % hostile.length] ?? '');
  return format === 'email' ? [...texts, `${mark}'--${newId().slice(-8)}@example.com`] : texts;
};

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema?: JsonSchema }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
}

let app: TestApp;
let world: World;
let own: Things;
let tables: number;
/** Statements that held a hostile text. */
const spoilt = new Set<string>();

// Not a stand-in: every statement goes its way, and its text is looked at as it passes.
const run = pg.Client.prototype.query as (...asked: unknown[]) => unknown;
function watched(this: pg.Client, ...asked: unknown[]): unknown {
  const [first] = asked;
  const text = typeof first === 'string' ? first : String((first as { text?: unknown } | undefined)?.text ?? '');
  if (text.includes(mark)) spoilt.add(text);
  return run.apply(this, asked);
}

beforeAll(async () => {
  app = await startTestApp();
  world = await openWorld(app);
  own = await furnish(world);
  await world.people.stranger.must(createProject, {
    body: { title: secret, description: secret, currency: 'EUR', milestones: [] },
  });
  tables = await countTables();
  pg.Client.prototype.query = watched as pg.Client['query'];
});
afterAll(async () => {
  pg.Client.prototype.query = run as pg.Client['query'];
  await app.close();
});

/** A request with every text of it in its place. */
interface Request {
  readonly query: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}
type Part = 'params' | 'query' | 'body';

/** Each place of an operation where a text goes in, with what stands beside it. */
function placesOf({ paths, components }: Document, path: string, method: string) {
  const operation = paths[path]?.[method] ?? {};
  const resolve = (reference: string) => components?.schemas?.[reference.split('/').at(-1) ?? ''] ?? {};
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const named = (operation.parameters ?? []).filter((it) => it.in === 'query');
  // What streams is documented without its parameters: the address names them.
  const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const places: [Part, ReturnType<typeof textPlaces>[number]][] = [
    ...params.map((name): [Part, { path: string[]; format: undefined }] => [
      'params',
      { path: [name], format: undefined },
    ]),
    ...named.flatMap(({ name, schema = {} }) =>
      textPlaces(schema, resolve).map(({ format }): [Part, { path: string[]; format: string | undefined }] => [
        'query',
        { path: [name], format },
      ]),
    ),
    ...(body ? textPlaces(body, resolve) : []).map((place): [Part, typeof place] => ['body', place]),
  ];
  return { places, sample: body && sampleOf(body, resolve) };
}

function requestOf(ask: Ask, sample: unknown): Request {
  const isRecord = typeof sample === 'object' && sample !== null;
  const body = isRecord ? { ...sample, ...(ask.body as object | undefined) } : (ask.body ?? sample);
  return { params: ask.params ?? {}, query: ask.query ?? {}, body, headers: ask.headers ?? {} };
}

async function send(method: string, path: string, { params, query, body, headers }: Request, cookie?: string) {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name] ?? newId())),
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const isJson = body !== undefined && method !== 'get' && headers['tus-resumable'] === undefined;
  return raw(
    app.port,
    method.toUpperCase(),
    `/api/v1${address}${search.size > 0 ? `?${search}` : ''}`,
    { ...headers, ...(isJson && { 'content-type': 'application/json' }), ...(cookie && { cookie }) },
    isJson ? JSON.stringify(body) : undefined,
  );
}

/** Every way in that is documented: a new one is tried from its first day. */
test('T04 T-B9 no text at any door becomes a part of a statement, reads what is another’s or fails on our side', async () => {
  const { text } = await raw(app.port, 'GET', '/api/v1/openapi.json');
  const document = JSON.parse(text) as Document;
  const doors = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method, path]),
  );
  const tried: string[] = [];
  const taken = new Set<string>();
  for (const [method, path] of doors) {
    const door = `${method.toUpperCase()} /api/v1${path}`;
    const { places, sample } = placesOf(document, path, method);
    const rule = policy.find((it) => it.door === door);
    // Whose password is another one by then cannot prove himself at the doors that follow.
    const who = door === 'PUT /api/v1/auth/password' ? await signUp(app) : world.people.owner;
    for (const [part, { path: at, format }] of places) {
      for (const value of hostileOf(format)) {
        const ask = await askFor(rule ?? { door }, own, world, who);
        const request = requestOf(ask, sample);
        const { status, text: said } = await send(
          method,
          path,
          { ...request, [part]: withAt(request[part], at, value) },
          isEntrance(door) ? undefined : who.cookie,
        );
        const what = `${door} ${part}.${at.join('.')} = ${value} → ${status} ${said.slice(0, 300)}`;
        expect(status, what).toBeLessThan(500);
        expect(said, what).not.toContain(secret);
        if (status < 300) taken.add(door);
      }
      tried.push(`${door} ${part}.${at.join('.')}`);
    }
    await expectUnspoilt(door);
    // What was taken may have changed the things the next door is asked about.
    if (taken.has(door) && method !== 'get') own = await furnish(world);
  }
  expect(tried.length, 'places where a text goes in').toBeGreaterThan(150);
  // The hostile texts are words like others where people write: they were stored, not only turned away.
  expect([...taken]).toEqual(
    expect.arrayContaining([
      'POST /api/v1/projects',
      'PATCH /api/v1/auth/profile',
      'POST /api/v1/rooms/{roomId}/messages',
      'POST /api/v1/projects/{projectId}/milestones',
      'PUT /api/v1/auth/email',
      'GET /api/v1/projects',
      'GET /api/v1/transactions',
      'GET /api/v1/files',
    ]),
  );
}, 600_000);

test('T04 the names of uploads and the ids of commands are words like others', async () => {
  const { owner } = world.people;
  for (const value of hostile) {
    const ask = await askFor({ door: 'POST /api/v1/uploads' }, own, world, owner);
    for (const metadata of [
      metadataOf({ roomId: own.roomId, name: value }),
      metadataOf({ roomId: value }),
      metadataOf({ roomId: own.roomId, commandId: value }),
      metadataOf({ roomId: own.roomId, fileId: value }),
      `roomId ${value}`,
    ]) {
      const headers = { ...ask.headers, 'upload-metadata': metadata, cookie: owner.cookie };
      const { status, text } = await raw(app.port, 'POST', '/api/v1/uploads', headers);
      expect(status, `${metadata} → ${text}`).toBeLessThan(500);
    }
    const headers = { 'idempotency-key': `names ${value}`, 'content-type': 'application/json', cookie: owner.cookie };
    const named = JSON.stringify({ title: value, description: value, currency: 'EUR' });
    expect((await raw(app.port, 'POST', '/api/v1/projects', headers, named)).status).toBe(201);
  }
  await expectUnspoilt('uploads');
});

test.each(Object.keys(toServer) as ToServerName[])('T04 no text in %s becomes a part of a statement', async (name) => {
  const socket = (await world.people.owner.socket()) as unknown as {
    emitWithAck(name: string, payload: unknown): Promise<Answer<unknown>>;
  };
  const schema = z.toJSONSchema(toServer[name], { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  for (const { path, format } of textPlaces(schema)) {
    for (const value of hostileOf(format)) {
      const { body } = await askFor({ door: name }, own, world, world.people.owner);
      const answer = await socket.emitWithAck(name, withAt(body, path, value));
      const what = `${name} ${path.join('.')} = ${value} → ${JSON.stringify(answer)}`;
      if (!answer.ok) expect(['invalid', 'missing', 'reset', 'conflict'], what).toContain(answer.error.code);
      expect(JSON.stringify(answer), what).not.toContain(secret);
    }
  }
  await expectUnspoilt(name);
  world.people.owner.close();
});

/** No statement held a hostile text, no table went, nobody became anything, and the session is what it was. */
async function expectUnspoilt(door: string): Promise<void> {
  expect([...spoilt], door).toEqual([]);
  expect(await countTables(), door).toBe(tables);
  expect(await app.sql(`select id from users where grants <> '{}'`), door).toEqual([]);
  expect((await world.people.owner.call(me)).status, door).toBe(200);
}

async function countTables(): Promise<number> {
  const [row] = await app.sql<{ n: number }>(
    `select count(*)::int as n from information_schema.tables where table_schema = 'public'`,
  );
  return row?.n ?? 0;
}
