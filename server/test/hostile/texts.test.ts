import * as accounts from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect, test } from 'vitest';
import { signUp, type TestApp } from '../harness.ts';
import { password } from './asks/ask.ts';
import { json } from './raw-http.ts';
import { besiege } from './siege.ts';
import { type Things, type World } from './world.ts';

let app: TestApp;
let world: World;
let own: Things;

const raw = besiege((opened) => ({ app, world, own } = opened));

const asOwner = () => ({ cookie: world.people.owner.cookie });

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
    expect(kept).toBe(body);
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
