import { toServer } from '@safesend/shared/socket.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policy } from '../src/policy.ts';
import type { TestApp } from './harness.ts';
import { password } from './hostile/asks/ask.ts';
import { addressFor } from './hostile/knock.ts';
import { publicOrigin, secureCookieOf, startBoth } from './hostile/production.ts';
import { json, raw } from './hostile/raw-http.ts';
import { furnish, openWorld, type Things, type World } from './hostile/world.ts';

let app: TestApp;
/** The same database as a production process sees it. */
let live: TestApp;
let world: World;
let own: Things;

beforeAll(async () => {
  ({ app, live } = await startBoth());
  world = await openWorld(app);
  own = await furnish(world);
});
afterAll(async () => {
  await live.close();
  await app.close();
});

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};
const handshakes = [
  ['polling', '/socket.io/?EIO=4&transport=polling', {}],
  ['websocket', '/socket.io/?EIO=4&transport=websocket', upgrade],
] as const;

describe.each(handshakes)('T-S1 T03 a handshake by %s', (_, path, headers) => {
  const shake = (at: TestApp, more: Record<string, string>) => raw(at.port, 'GET', path, { ...headers, ...more });

  test('is refused to every origin but our own', async () => {
    const { cookie } = world.people.owner;
    const { port } = app;
    const foreign = [
      'https://evil.example',
      'null',
      '',
      `http://127.0.0.1:${port}.evil.example`,
      `http://127.0.0.1.evil.example:${port}`,
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port + 1}`,
      'http://127.0.0.1',
      `http://127.0.0.1:${port}/`,
      `http://localhost:${port}@evil.example`,
      `HTTP://127.0.0.1:${port}`,
      'file://',
      publicOrigin,
    ];
    for (const origin of foreign) expect((await shake(app, { cookie, origin })).status, origin).toBe(403);
    expect((await shake(app, { cookie })).status, 'a cookie without an origin').toBe(403);
    for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`, `http://[::1]:${port}`]) {
      expect((await shake(app, { cookie, origin })).status, origin).toBeLessThan(300);
    }
    expect((await shake(app, {})).status, 'a program without a cookie').toBeLessThan(300);
  });

  test('knows only the public address where there is one', async () => {
    const cookie = secureCookieOf(world.people.owner);
    for (const origin of [
      `http://127.0.0.1:${live.port}`,
      'http://safesend.example',
      `${publicOrigin}.evil.tld`,
      `${publicOrigin}:444`,
      'https://www.safesend.example',
      'https://SAFESEND.example.evil',
    ]) {
      expect((await shake(live, { cookie, origin })).status, origin).toBe(403);
    }
    expect((await shake(live, { cookie })).status).toBe(403);
    expect((await shake(live, { cookie, origin: publicOrigin })).status).toBeLessThan(300);
  });
});

const writes = policy.filter(
  ({ door }) => !Object.hasOwn(toServer, door) && !/^(?:GET|OPTIONS) /.test(door) && !door.includes('/test/'),
);
const types = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'TEXT/PLAIN',
  '',
  'application/json',
  'text/plain; application/json',
];
const crossSite = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'http://safesend.example', 'sec-fetch-site': 'same-origin' },
];

test.each(writes.map((rule) => [rule.when ? `${rule.door} (${rule.when})` : rule.door, rule] as const))(
  'T-S2 T01 %s from another site is refused',
  async (_, rule) => {
    const { owner } = world.people;
    const { method, path, ask: asked } = await addressFor(rule, own, world, owner);
    const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
    const cookie = secureCookieOf(owner);
    const before = await countFacts();
    const requests = types.flatMap((type) =>
      crossSite.map((marks) => ({ ...marks, cookie, ...(type && { 'content-type': type }) })),
    );
    const unmarked = types
      .filter((type) => type !== '' && type !== 'application/json')
      .map((type) => ({ cookie, 'content-type': type }));
    const seen = await Promise.all(
      [...requests, ...unmarked].map((headers) => raw(live.port, method, path, headers, body)),
    );
    for (const { status, text } of seen) expect(text, String(status)).toContain('"status":403');
    expect(await countFacts()).toBe(before);
  },
);

test('T-S2 what uploads may do is told to everybody, and lets no other site send or read', async () => {
  const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
  const cookie = secureCookieOf(world.people.owner);
  const { status, headers } = await raw(live.port, 'OPTIONS', '/api/v1/uploads', { ...preflight, cookie });
  expect(status).toBe(204);
  expect(headers['tus-version']).toBe('1.0.0');
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
});

test('T-S2 our own pages and programs are let through', async () => {
  const { owner } = world.people;
  const cookie = secureCookieOf(owner);
  for (const marks of [
    { origin: publicOrigin },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    {},
  ]) {
    const { status } = await raw(
      live.port,
      'PATCH',
      '/api/v1/auth/profile',
      { cookie, ...json, ...marks },
      '{"headline":"Here"}',
    );
    expect(status, JSON.stringify(marks)).toBe(200);
  }
  const bearer = { authorization: `Bearer ${world.tokens.writeToken}`, origin: 'https://elsewhere.example' };
  expect(
    (await raw(live.port, 'PATCH', '/api/v1/auth/profile', { ...bearer, ...json }, '{"headline":"There"}')).status,
  ).toBe(200);
});

async function countFacts(): Promise<number> {
  return (await app.sql<{ n: number }>('select count(*)::int as n from facts'))[0]?.n ?? 0;
}

test('T-S3 A12 the session cookie is out of reach of scripts and other sites', async () => {
  const { email } = world.people.member.user;
  const signIn = async ({ port }: TestApp) =>
    (await raw(port, 'POST', '/api/v1/auth/login', json, JSON.stringify({ email, password }))).headers['set-cookie'] ??
    [];
  const [plain, ...more] = await signIn(app);
  expect(more).toEqual([]);
  expect(attributesOf(plain)).toEqual({
    name: 'safesend_session',
    path: '/',
    httponly: true,
    samesite: 'Lax',
    'max-age': String(90 * 86_400),
  });
  const [secure] = await signIn(live);
  expect(attributesOf(secure)).toEqual({
    name: '__Host-safesend_session',
    path: '/',
    httponly: true,
    secure: true,
    samesite: 'Lax',
    'max-age': String(90 * 86_400),
  });
  expect(secure?.length).toBeLessThan(4_096);
  const cookie = secure?.split(';', 1)[0] ?? '';
  const [ended] =
    (await raw(live.port, 'POST', '/api/v1/auth/logout', { cookie, origin: publicOrigin })).headers['set-cookie'] ?? [];
  expect(attributesOf(ended)).toMatchObject({
    name: '__Host-safesend_session',
    path: '/',
    secure: true,
    'max-age': '0',
  });
  // The name promises the flags: a cookie by the plain name opens nothing where the address is https.
  expect((await raw(live.port, 'GET', '/api/v1/auth/me', { cookie: world.people.member.cookie })).status).toBe(401);
});

function attributesOf(cookie = ''): Record<string, string | boolean> {
  const [pair = '', ...attributes] = cookie.split('; ');
  const named = attributes.map((it): [string, string | boolean] => {
    const [key = '', value] = it.split('=');
    return [key.toLowerCase(), value ?? true];
  });
  return { name: pair.split('=', 1)[0] ?? '', ...Object.fromEntries(named.filter(([key]) => key !== 'expires')) };
}
