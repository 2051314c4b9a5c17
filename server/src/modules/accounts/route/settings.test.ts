import * as calls from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listMembers, listRooms } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, send, signUp, startTestApp, type TestApp } from '../../../../test/harness.ts';
import { mailTo } from '../../../../test/mails.ts';

let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

test('A14 a profile is read by its owner alone', async () => {
  const person = await signUp(app);
  expect(await person.must(calls.getProfile)).toEqual({ user: person.user });
  expect((await send(base, calls.getProfile, {})).status).toBe(401);
});

test('A15 a profile changes live in other tabs and in the rooms of the person', async () => {
  const person = await signUp(app);
  const project = await projectOf(person);
  const socket = await person.socket();
  const head = new Promise<{ roomId: string }>((resolve) => {
    socket.on('room.head', (at) => at.roomId === person.inboxRoomId && resolve(at));
  });
  const change = { displayName: 'Vera New', headline: 'Type and grids', bio: 'Two lines\nof text' };
  const { user } = await person.must(calls.changeProfile, { body: change });
  expect(user).toEqual({ ...person.user, ...change });
  await head;
  person.close();
  const members = await person.must(listMembers, { params: { roomId: project.roomId } });
  expect(members.items.find(({ userId }) => userId === person.id)?.displayName).toBe('Vera New');
});

test('T-A14 a profile takes nothing but its own fields', async () => {
  const person = await signUp(app);
  for (const extra of [
    { role: 'freelancer' },
    { grants: ['admin'] },
    { email: 'x@example.com' },
    { emailVerifiedAt: null },
    { id: newId() },
  ]) {
    expect((await person.call(calls.changeProfile, { body: { headline: 'x', ...extra } })).status).toBe(422);
  }
  expect((await person.must(calls.me)).user).toEqual(person.user);
});

test('T-B32 a name can be seen, and turns no writing beside it', async () => {
  const person = await signUp(app);
  const call = async (displayName: string) =>
    (await person.call(calls.changeProfile, { body: { displayName } })).status;
  for (const name of ['\u200b\u200b', '\u3164', '\u2800\u2800', '\u00ad\u034f', 'Ana\u202etroppuS', '\u2067Ana'])
    expect(await call(name), name).toBe(422);
  for (const name of ['علی\u200cرضا', 'नमस्ते', 'Ana 👩‍👩‍👧', '李 明', '\u200fשרה']) expect(await call(name), name).toBe(200);
  expect((await person.call(calls.changeProfile, { body: { headline: '' } })).status).toBe(200);
});

test('T-B32 J08 nobody is called as the platform is on its papers, however it is written', async () => {
  const person = await signUp(app);
  const refusal = {
    status: 422,
    body: { errors: [{ path: 'displayName', message: expect.stringMatching(/^This is/) }] },
  };
  const spelt = [
    'SafeSend',
    'safesend',
    ' SAFE SEND ',
    'Safe\u2009Send',
    'Safe\u200bSend',
    'Safe-Send.',
    'ＳａｆｅＳｅｎｄ',
    'S a f e S e n d',
    'S\u0430f\u0435S\u0435nd',
    '\u0405\u0430feSen\u0501',
    'S\u00e1feSend',
    'S\u0251\u0192\u0435S\u0435\u0578d',
  ];
  for (const displayName of spelt)
    expect(await person.call(calls.changeProfile, { body: { displayName } }), displayName).toMatchObject(refusal);
  const name = newId().slice(-12);
  const account = { email: `${name}@example.com`, username: name, password: 'correct horse battery staple' };
  const body = { ...account, displayName: 'SafeSend', role: 'freelancer' as const };
  expect(await send(base, calls.register, { body })).toMatchObject(refusal);
  for (const displayName of ['Safe Sender', 'Sandra Safe', '\u0421\u0430\u0448\u0430', '\u{1f98a}'])
    expect((await person.call(calls.changeProfile, { body: { displayName } })).status, displayName).toBe(200);
});

test('L3 a profile that stays the same leaves no fact', async () => {
  const person = await signUp(app);
  await person.must(calls.changeProfile, { body: { displayName: person.user.displayName } });
  const facts = await app.sql(`select 1 from facts where room_id = $1 and type = 'account.changed'`, [
    person.inboxRoomId,
  ]);
  expect(facts).toEqual([]);
});

test('API tokens carry their scopes, are shown once, run out and can be revoked', async () => {
  const person = await signUp(app);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { apiToken, token } = await person.must(calls.createApiToken, {
    body: { name: 'Backup', scopes: ['read'], expiresAt },
  });
  expect(token).toMatch(/^sst_[\w-]{43}$/);
  expect(apiToken).toMatchObject({ name: 'Backup', scopes: ['read'], lastUsedAt: null, expiresAt });
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(base, calls.me, { headers })).body).toMatchObject({ user: { id: person.id } });
  expect((await send(base, calls.changeProfile, { headers, body: { headline: 'x' } })).status).toBe(403);
  expect((await send(base, calls.listSessions, { headers })).status).toBe(403);
  const { items } = await person.must(calls.listApiTokens);
  expect(items).toEqual([{ ...apiToken, lastUsedAt: expect.stringMatching(/Z$/) }]);
  expect(await app.sql('select 1 from api_tokens where token_hash = $1', [token])).toEqual([]);
  await send(base, advanceClock, { body: { advanceSeconds: 3_700 } });
  expect((await send(base, calls.me, { headers })).status).toBe(401);
});

test('L6 a token of somebody else is missing, and a revoked one opens nothing', async () => {
  const person = await signUp(app);
  const stranger = await signUp(app);
  const { apiToken, token } = await person.must(calls.createApiToken, {
    body: { name: 'Script', scopes: ['read', 'write'] },
  });
  const params = { apiTokenId: apiToken.id };
  expect((await stranger.call(calls.revokeApiToken, { params })).status).toBe(404);
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(base, calls.changeProfile, { headers, body: { headline: 'By script' } })).status).toBe(200);
  expect((await person.call(calls.revokeApiToken, { params })).status).toBe(204);
  expect((await send(base, calls.me, { headers })).status).toBe(401);
  expect((await person.call(calls.revokeApiToken, { params })).status).toBe(404);
  expect((await person.must(calls.listApiTokens)).items).toEqual([]);
  const past = await person.call(calls.createApiToken, {
    body: { name: 'Late', scopes: ['read'], expiresAt: '2020-01-01T00:00:00.000Z' },
  });
  expect(past.body).toMatchObject({ errors: [{ path: 'expiresAt' }] });
});

test('L6 people who share a room can be blocked, strangers are missing', async () => {
  const [person, other, stranger] = [await signUp(app), await signUp(app, 'freelancer'), await signUp(app)];
  await projectOf(person, other);
  expect((await person.call(calls.block, { params: { userId: stranger.id } })).status).toBe(404);
  expect((await person.call(calls.block, { params: { userId: newId() } })).status).toBe(404);
  expect((await person.call(calls.block, { params: { userId: person.id } })).status).toBe(422);
  for (let twice = 0; twice < 2; twice++)
    expect((await person.call(calls.block, { params: { userId: other.id } })).status).toBe(204);
  const view = { userId: other.id, username: other.user.username, displayName: other.user.displayName };
  expect(await person.must(calls.listBlocks)).toEqual({ items: [view], nextCursor: null });
  expect((await other.must(calls.listBlocks)).items).toEqual([]);
  expect((await person.call(calls.unblock, { params: { userId: other.id } })).status).toBe(204);
  expect((await person.must(calls.listBlocks)).items).toEqual([]);
  const facts = await app.sql<{ type: string }>(
    `select type from facts where room_id = $1 and type like 'account.person%' order by seq`,
    [person.inboxRoomId],
  );
  expect(facts.map(({ type }) => type)).toEqual(['account.person.blocked', 'account.person.unblocked']);
});

test('S02 a support request is kept and mailed to every admin', async () => {
  const admin = await signUp(app);
  await app.sql(`update users set grants = array['admin'] where id = $1`, [admin.id]);
  const subject = `Question ${newId()}`;
  const body = { email: 'visitor@example.com', subject, body: 'How do I <b>start</b>?' };
  expect((await send(base, calls.askSupport, { body })).status).toBe(204);
  const mail = await mailTo(app, admin.user.email, new RegExp(subject));
  expect(mail.text).toContain('visitor@example.com');
  expect(mail.replyTo).toBe('visitor@example.com');
  expect(mail.html).toContain('&lt;b&gt;start&lt;/b&gt;');
  expect(await app.sql('select email, user_id from support_tickets where subject = $1', [subject])).toEqual([
    { email: 'visitor@example.com', user_id: null },
  ]);
  expect((await send(base, calls.askSupport, { body: { ...body, subject: 'two\r\nlines' } })).status).toBe(422);
});

test('T-A15 nobody but the owner sees an address', async () => {
  const [person, other] = [await signUp(app), await signUp(app, 'freelancer')];
  const project = await projectOf(person, other);
  const seen = [await other.must(listMembers, { params: { roomId: project.roomId } }), await other.must(listRooms)];
  expect(JSON.stringify(seen)).not.toContain(person.user.email);
});
