import * as accounts from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { policy } from '../../src/policy.ts';
import { signUp, startTestApp, type TestApp } from '../harness.ts';
import { mailsTo } from '../mails.ts';
import { addressFor, password } from './knock.ts';
import { json, raw as rawAt, type RawHeaders } from './raw-http.ts';
import { furnish, openWorld, type Things, type World } from './world.ts';

let app: TestApp;
let world: World;
let own: Things;

beforeAll(async () => {
  app = await startTestApp();
  world = await openWorld(app);
  own = await furnish(world);
});
afterEach(async () => {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((await raw('GET', '/readyz')).status).toBe(200);
});
afterAll(() => app.close());

const raw = (method: string, path: string, body?: string | Buffer, headers?: RawHeaders) =>
  rawAt(app.port, method, path, headers, body);

const asOwner = () => ({ cookie: world.people.owner.cookie });

const lists = policy.filter(({ door }) =>
  /^GET .*\/(projects|rooms|notifications|invitations|events|sessions|api-tokens|blocks|members)$/.test(door),
);
test.each(lists.map((rule) => [rule.door, rule] as const))(
  'T-B10 T-B34 %s refuses what it does not know, and its own words when they are hostile',
  async (_, rule) => {
    const { method, path } = await addressFor(rule, own, world, world.people.owner);
    const limits = [
      '-1',
      '0',
      '1e9',
      '1000000000',
      '1.0',
      '01',
      '+1',
      '0x1',
      '١',
      '',
      ' 1',
      '1;select 1',
      'asc',
      '9'.repeat(400),
    ];
    const cursors = [
      '',
      "'",
      "1' or '1'='1",
      'e30',
      '{}',
      '-1',
      '1e309',
      '../..',
      'x'.repeat(201),
      '%00',
      '\u0000',
      Buffer.from('[1,2]').toString('base64url'),
    ];
    const knowsPages = /events$|projects$|rooms$|notifications$|invitations$/.test(path);
    const queries = [
      ...limits.map((it) => `limit=${encodeURIComponent(it)}`),
      ...(knowsPages && !path.endsWith('events') ? cursors.map((it) => `cursor=${encodeURIComponent(it)}`) : []),
      ...['sort=id', 'dir=asc;select', 'fields=email', 'q[]=a', 'filter[$ne]=1', 'order=1'],
      'limit=1&limit=2',
      'epoch=a&epoch=b&after=1&after=2',
      ...['-1', '1.5', '', '9007199254740993', '99999999999999999999', '١', "1'"].map(
        (it) => `after=${encodeURIComponent(it)}`,
      ),
    ];
    const plain = await raw(method, path, undefined, asOwner());
    for (const query of queries) {
      const { status, text } = await raw(method, `${path}?${query}`, undefined, asOwner());
      // A list that is always whole takes no wishes: it is the same list.
      if (!knowsPages) expect(text, query).toBe(plain.text);
      else expect([400, 409, 422], `${query} → ${status} ${text.slice(0, 200)}`).toContain(status);
    }
    expect(
      (
        await raw(
          method,
          `${path}?__proto__[polluted]=true&constructor[prototype][polluted]=true`,
          undefined,
          asOwner(),
        )
      ).status,
    ).toBeLessThan(500);
  },
);

test('T-B9 signing in with objects and arrays is refused', async () => {
  for (const body of [
    { email: { $ne: null }, password: { $ne: null } },
    { email: [['a']], password },
    { email: { raw: "' or 1=1" }, password },
    { email: "' or 1=1 --", password },
  ]) {
    const { status } = await raw('POST', '/api/v1/auth/login', JSON.stringify(body), json);
    expect([401, 422]).toContain(status);
  }
});

const breaks = ['\r\n', '\n', '\r', '\u2028', '\u2029', '%0d%0a'];
test('T-B31 line breaks reach no header, no mail and no address', async () => {
  const { owner } = world.people;
  for (const gap of breaks) {
    const inline = `Evil${gap}Bcc: everybody@example.com`;
    const isText = gap.startsWith('%');
    const expected = isText ? /^20[014]$/ : /^422$/;
    const { status: titled } = await owner.call(projects.createProject, {
      body: { title: inline, description: '', currency: 'EUR' },
    });
    expect(String(titled)).toMatch(expected);
    expect(String((await owner.call(accounts.changeProfile, { body: { displayName: inline } })).status)).toMatch(
      expected,
    );
    expect(
      String(
        (await owner.call(accounts.askSupport, { body: { email: 'me@example.com', subject: inline, body: inline } }))
          .status,
      ),
    ).toMatch(expected);
    for (const email of [`a${gap}b@example.com`, `a@example.com${gap}Bcc:x@example.com`, `"a${gap}b"@example.com`]) {
      const { status } = await owner.call(projects.invite, {
        params: { projectId: own.projectId },
        body: { email, role: 'client' },
      });
      expect(status === 422 || (isText && status === 201), email).toBe(true);
    }
    expect(
      (await raw('POST', '/api/v1/auth/login', JSON.stringify({ email: inline, password }), json)).status,
    ).toBeLessThan(500);
  }
  const subjects = (
    await app.sql<{ subject: string }>(`select data->>'subject' as subject from pgboss.job where name = 'mail.send'`)
  ).map(({ subject }) => subject);
  expect(subjects.length).toBeGreaterThan(0);
  expect(subjects.filter((it) => /[\r\n\u2028\u2029]/.test(it))).toEqual([]);
  const device = await raw('POST', '/api/v1/auth/login', JSON.stringify({ email: owner.user.email, password }), {
    ...json,
    'user-agent': 'Evil%0d%0aX-Bad: 1 Mozilla/5.0 (\u00e9)',
  });
  expect(device.status).toBe(200);
  expect(Object.keys(device.headers)).not.toContain('x-bad');
  // Node itself refuses header values that are broken in two; what it lets through comes back as one value or none.
  const echoed = await raw(
    'POST',
    '/api/v1/projects',
    JSON.stringify({ title: 'One', description: '', currency: 'EUR' }),
    { ...json, ...asOwner(), 'idempotency-key': 'a%0d%0aX-Bad: 1' },
  );
  expect(Object.keys(echoed.headers)).not.toContain('x-bad');
});

test('T-B31 the mails of an invitation carry hostile names as plain text', async () => {
  const { owner } = world.people;
  await owner.must(accounts.changeProfile, { body: { displayName: '<b>Evil</b> "x" <evil@example.com>' } });
  const email = `${newId()}@example.com`;
  await owner.must(projects.invite, { params: { projectId: own.projectId }, body: { email, role: 'client' } });
  const [mail] = await mailsTo(app, email);
  expect(mail?.html).toContain('&lt;b&gt;Evil');
  expect(mail?.html).not.toContain('<b>Evil');
});

test('T-B32 text that cannot be kept is refused, all other text comes back as it was sent', async () => {
  const { party } = world.people;
  const params = { roomId: own.roomId };
  const path = `/api/v1/rooms/${own.roomId}/messages`;
  for (const text of ['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00x', '\\ud83d']) {
    const { status } = await raw('POST', path, `{"commandId":"${newId()}","body":"${text}"}`, {
      cookie: party.cookie,
      ...json,
    });
    expect(status, text).toBe(400);
    const asKey = await raw('POST', path, `{"commandId":"${newId()}","body":"x","${text}":1}`, {
      cookie: party.cookie,
      ...json,
    });
    expect(asKey.status, text).toBe(400);
  }
  const invalidUtf8 = Buffer.concat([
    Buffer.from(`{"commandId":"${newId()}","body":"`),
    Buffer.from([0xff, 0xfe, 0xc0]),
    Buffer.from('"}'),
  ]);
  expect((await raw('POST', path, invalidUtf8, { cookie: party.cookie, ...json })).status).toBeLessThan(500);
  for (const body of [
    '\uffff',
    'e\u0301',
    '\u00e9',
    '\ufeffx',
    '👩‍👩‍👧‍👦',
    '\u202eevil',
    'ﷺ'.repeat(100),
    'x'.repeat(10_000),
  ]) {
    const { event } = await party.must(rooms.postMessage, { params, body: { commandId: newId(), body } });
    const kept = event.type === 'message.posted' ? event.data.body : null;
    expect(kept).toBe(body.trim());
  }
  for (const body of ['x'.repeat(10_001), 'x'.repeat(65_536), '   ', '\u00a0\u2003']) {
    expect((await party.call(rooms.postMessage, { params, body: { commandId: newId(), body } })).status).toBe(422);
  }
});

test('T-B32 T-B33 two spellings of one name are one name', async () => {
  const person = await signUp(app);
  const { username, email } = person.user;
  const taken = {
    email: `${newId()}@example.com`,
    username: username.toUpperCase(),
    password,
    displayName: 'X',
    role: 'client' as const,
  };
  expect((await person.call(accounts.register, { body: taken })).status).toBe(409);
  expect(
    (
      await person.call(accounts.register, {
        body: { ...taken, username: `new-${newId().slice(-8)}`, email: email.toUpperCase() },
      })
    ).status,
  ).toBe(409);
  for (const odd of ['ｕｓｅｒｎａｍｅ', 'usеrname', 'user\u200bname', 'us er', 'user.name', '..', 'admin\u0000']) {
    expect([400, 422]).toContain((await person.call(accounts.register, { body: { ...taken, username: odd } })).status);
  }
  const inCapitals = { roomId: own.roomId.toUpperCase() };
  const { room } = await world.people.owner.must(rooms.getRoom, { params: inCapitals });
  expect(room.id).toBe(own.roomId);
  const { owner } = world.people;
  const first = await owner.must(projects.createProject, {
    body: { title: 'A', description: '', currency: 'EUR', commandId: 'same' },
  });
  const second = await owner.must(projects.createProject, {
    body: { title: 'A', description: '', currency: 'EUR' },
    commandId: 'same',
  });
  expect(second).toEqual(first);
});

test('T-B34 what is given twice has one winner, for everybody who reads it', async () => {
  const { party, stranger } = world.people;
  const path = `/api/v1/rooms/${own.roomId}/messages`;
  const id = newId();
  const twice = await raw('POST', path, `{"commandId":"${id}","body":"first","body":"second"}`, {
    cookie: party.cookie,
    ...json,
  });
  expect(twice.status).toBe(201);
  expect(twice.text).toContain('"body":"second"');
  const again = await party.call(rooms.postMessage, {
    params: { roomId: own.roomId },
    body: { commandId: id, body: 'second' },
  });
  expect(again.status).toBe(201);
  expect(
    await raw('POST', path, `{"commandId":"${id}","body":"second","body":"first"}`, { cookie: party.cookie, ...json }),
  ).toMatchObject({ status: 409 });
  // Of two session cookies the first counts, of two content types too.
  const me = (cookie: string) => raw('GET', '/api/v1/auth/me', undefined, { cookie });
  expect((await me(`${party.cookie}; ${stranger.cookie}`)).text).toContain(party.id);
  expect((await me(`safesend_session=wrong; ${party.cookie}`)).status).toBe(401);
  expect((await me(`other=1; ${party.cookie}; safesend_sessionx=1`)).status).toBe(200);
  const typed = await raw('POST', path, JSON.stringify({ commandId: newId(), body: 'x' }), {
    cookie: party.cookie,
    'content-type': ['text/plain', 'application/json'],
  });
  expect([403, 415]).toContain(typed.status);
  for (const type of [
    'application/json, text/plain',
    'application/jsonx',
    'application/vnd.api+json',
    'text/json',
    'application/json\u0000',
  ]) {
    const refused = await raw('POST', path, JSON.stringify({ commandId: newId(), body: 'x' }), {
      cookie: party.cookie,
      origin: app.url,
      'content-type': type.replace('\u0000', '') + (type.endsWith('\u0000') ? ';;' : ''),
    });
    expect([201, 400, 415, 422], type).toContain(refused.status);
  }
  const differing = await raw('POST', path, JSON.stringify({ commandId: newId(), body: 'x' }), {
    cookie: party.cookie,
    ...json,
    'idempotency-key': newId(),
  });
  expect(differing.status).toBe(422);
});

test('T-B3 a body over 1 MiB is refused, whether it says its length or not', async () => {
  const send = (body: string | ReadableStream) =>
    fetch(`${world.base}/api/v1/auth/login`, {
      method: 'POST',
      headers: json,
      body,
      ...(typeof body !== 'string' && { duplex: 'half' }),
    });
  const large = `"${'x'.repeat(1_100_000)}"`;
  expect((await send(large)).status).toBe(413);
  expect((await send(new Blob([large]).stream())).status).toBe(413);
});

test('T-B34 an empty body, an empty type and a broken length are the caller’s mistakes', async () => {
  for (const headers of [
    json,
    {},
    { 'content-type': '' },
    { 'content-type': ';' },
    { ...json, origin: app.url },
    { 'content-type': 'text/plain', origin: app.url },
  ]) {
    for (const path of [
      '/api/v1/auth/login',
      '/api/v1/projects',
      `/api/v1/invitations/${own.invitationId}/acceptance`,
    ]) {
      const { status, text } = await raw('POST', path, '', { ...asOwner(), ...headers });
      expect([400, 403, 415, 422], `${path} ${JSON.stringify(headers)} → ${status} ${text}`).toContain(status);
    }
  }
});
