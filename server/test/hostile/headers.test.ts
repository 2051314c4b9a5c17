import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { password } from './asks/ask.ts';
import { publicOrigin, secureCookieOf, startBoth } from './production.ts';
import { json, raw, type Raw } from './raw-http.ts';
import { furnish, openWorld, type Things, type World } from './world.ts';

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

const builtPages = join(import.meta.dirname, '../../../web/build');
const isBuilt = existsSync(join(builtPages, 'handler.js'));

/** One answer of every kind that leaves the process. */
async function everyKind(): Promise<[string, Raw][]> {
  const { owner, stranger } = world.people;
  const cookie = secureCookieOf(owner);
  const { port } = live;
  const kinds: Record<string, Promise<Raw>> = {
    '200 json': raw(port, 'GET', '/api/v1/auth/me', { cookie }),
    '200 head': raw(port, 'HEAD', '/api/v1/auth/me', { cookie }),
    '201': raw(
      port,
      'POST',
      '/api/v1/projects',
      { cookie, ...json },
      '{"title":"T","description":"","currency":"EUR"}',
    ),
    '204': raw(port, 'PUT', '/api/v1/notifications/read', { cookie, ...json }, '{"all":true}'),
    '400': raw(port, 'POST', '/api/v1/projects', { cookie, ...json }, '{'),
    '401': raw(port, 'GET', '/api/v1/auth/me'),
    '403': raw(port, 'POST', '/api/v1/projects', { cookie, ...json, origin: 'https://evil.example' }, '{}'),
    '404': raw(port, 'GET', `/api/v1/rooms/${newId()}`, { cookie }),
    '404 route': raw(port, 'GET', '/api/v1/nothing', { cookie }),
    '404 api': raw(port, 'GET', '/api/nothing'),
    '409': raw(
      port,
      'POST',
      '/api/v1/auth/register',
      json,
      JSON.stringify({
        email: stranger.user.email,
        username: `n-${newId().slice(-9)}`,
        password,
        displayName: 'N',
        role: 'client',
      }),
    ),
    '413': raw(port, 'POST', '/api/v1/projects', { cookie, ...json }, 'x'.repeat(1_100_000)),
    '415': raw(port, 'POST', '/api/v1/projects', { cookie, 'content-type': 'text/plain', origin: publicOrigin }, 'x'),
    '422': raw(port, 'POST', '/api/v1/projects', { cookie, ...json }, '{}'),
    options: raw(port, 'OPTIONS', '/api/v1/auth/me', {
      origin: 'https://evil.example',
      'access-control-request-method': 'GET',
    }),
    document: raw(port, 'GET', '/api/v1/openapi.json'),
    docs: raw(port, 'GET', '/api/docs'),
    'docs script': raw(port, 'GET', '/api/docs/start.js'),
    healthz: raw(port, 'GET', '/healthz'),
    readyz: raw(port, 'GET', '/readyz'),
    metrics: raw(port, 'GET', '/metrics'),
    handshake: raw(port, 'GET', '/socket.io/?EIO=4&transport=polling', { cookie, origin: publicOrigin }),
    'handshake refused': raw(port, 'GET', '/socket.io/?EIO=4&transport=polling', {
      cookie,
      origin: 'https://evil.example',
    }),
    'handshake broken': raw(port, 'GET', '/socket.io/?EIO=4&transport=carrier-pigeon', {}),
    page: raw(port, 'GET', '/'),
    'page missing': raw(port, 'GET', '/no/such/page'),
    'page unread': raw(port, 'GET', '/%ff'),
    static: raw(port, 'GET', isBuilt ? `/_app/immutable/${firstFile()}` : '/robots.txt'),
  };
  return Promise.all(Object.entries(kinds).map(async ([name, seen]): Promise<[string, Raw]> => [name, await seen]));
}

function firstFile(): string {
  const folder = join(builtPages, 'client/_app/immutable');
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile() && it.name.endsWith('.js'))
      .map((it) => join(it.parentPath, it.name).slice(folder.length + 1))[0] ?? ''
  );
}

test('T-S11 the figures of operations are for this machine, not for whomever a proxy on it speaks', async () => {
  expect((await raw(app.port, 'GET', '/metrics')).status).toBe(200);
  const proxies = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];
  for (const name of proxies)
    expect((await raw(app.port, 'GET', '/metrics', { [name]: 'for=203.0.113.9' })).status, name).toBe(404);
});

test('T-S10 T-S11 T02 T03 every answer carries the headers that protect it, and none that tells too much', async () => {
  const seen = await everyKind();
  for (const [name, { status, headers }] of seen) {
    const said = `${name} (${status})`;
    expect(status, said).toBeLessThan(500);
    const [, seconds = '0'] = /max-age=(\d+)/.exec(headers['strict-transport-security'] ?? '') ?? [];
    expect(Number(seconds), said).toBeGreaterThanOrEqual(31_536_000);
    expect(headers['strict-transport-security'], said).toContain('includeSubDomains');
    expect(headers, said).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['referrer-policy'], said).toMatch(/^(strict-origin-when-cross-origin|same-origin|no-referrer)$/);
    expect(headers['cache-control'], said).toBeDefined();
    const told = Object.keys(headers).filter((it) =>
      /^(server|x-powered-by|via|x-aspnet.*|access-control-.*)$/.test(it),
    );
    expect(told, said).toEqual([]);
    if (name.startsWith('page')) expect(headers['cache-control'], said).toMatch(/no-cache|no-store|private/);
  }
  const kinds = new Map(seen);
  expect([
    kinds.get('413')?.status,
    kinds.get('415')?.status,
    kinds.get('409')?.status,
    kinds.get('403')?.status,
  ]).toEqual([413, 415, 409, 403]);
  for (const [name, { headers, text }] of seen.filter(([it]) => /^\d/.test(it))) {
    expect(headers['cache-control'], name).toBe('no-store');
    expect(headers['x-request-id'] ?? /"requestId":"[^"]+"/.exec(text)?.[0], name).toBeDefined();
    if (Number(name.slice(0, 3)) >= 400) expect(headers['content-type'], name).toBe('application/problem+json');
  }
});

test.skipIf(!isBuilt)('T-S4 T02 every page has a policy under which no script of a stranger runs', async () => {
  const { owner } = world.people;
  const cookie = secureCookieOf(owner);
  const open = ['/', '/signin', '/signup', '/verify', '/no/such/page', '/invitations/nothing'];
  const inside = [
    '/dashboard',
    '/projects',
    `/projects/${own.projectId}`,
    `/rooms/${own.roomId}`,
    '/messages',
    '/notifications',
    '/settings',
    '/profile',
    `/rooms/${newId()}`,
  ];
  const pages = await Promise.all([
    ...open.map((path) => raw(live.port, 'GET', path)),
    ...inside.map((path) => raw(live.port, 'GET', path, { cookie })),
    raw(live.port, 'GET', '/%ff'),
  ]);
  const read: string[] = [];
  for (const [at, { status, headers, text }] of pages.entries()) {
    const said = `${[...open, ...inside, '/%ff'][at]} (${status})`;
    expect(status, said).toBeLessThan(500);
    if (!headers['content-type']?.startsWith('text/html')) continue;
    read.push(said);
    const policies = Object.fromEntries(
      String(headers['content-security-policy'] ?? '')
        .split(';')
        .map((it) => it.trim().split(/ (.*)/s, 2) as [string, string]),
    );
    const scripts = policies['script-src'] ?? policies['default-src'] ?? '';
    expect(scripts, said).not.toMatch(/unsafe-inline|unsafe-eval|\*|https?:/);
    if (text.includes('<script')) expect(scripts, said).toMatch(/'nonce-[\w+/=-]{16,}'|'sha256-/);
    expect(policies['object-src'] ?? policies['default-src'], said).toBe("'none'");
    expect(policies, said).toMatchObject({ 'base-uri': "'none'", 'frame-ancestors': "'none'" });
    expect(policies['connect-src'] ?? policies['default-src'], said).toMatch(
      /^('none'|'self'( wss?:\/\/safesend\.example)?)$/,
    );
  }
  expect(read.filter((it) => it.endsWith('(200)')).length, 'pages that were read').toBeGreaterThanOrEqual(12);
  const [first, second] = await Promise.all(
    [0, 1].map(
      async () =>
        /nonce-([^']+)/.exec(String((await raw(live.port, 'GET', '/signin')).headers['content-security-policy']))?.[1],
    ),
  );
  if (first !== undefined) expect(first).not.toBe(second);
});

test.skipIf(!isBuilt)('T-B31 no page sends a visitor to another site', async () => {
  const cookie = secureCookieOf(world.people.owner);
  for (const target of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%0d%0aSet-Cookie:x=1',
    'javascript:alert(1)',
    '/\t/evil.example',
    'http:evil.example',
  ]) {
    for (const path of ['/signin', '/signup', '/dashboard']) {
      for (const headers of [{ cookie }, {}]) {
        const seen = await raw(
          live.port,
          'GET',
          `${path}?next=${encodeURIComponent(target)}&redirect=${encodeURIComponent(target)}`,
          headers,
        );
        expect(seen.status).toBeLessThan(500);
        const { location } = seen.headers;
        if (location !== undefined)
          expect(new URL(location, publicOrigin).origin, `${path} → ${location}`).toBe(publicOrigin);
        expect(Object.keys(seen.headers)).not.toContain('x');
      }
    }
  }
});
