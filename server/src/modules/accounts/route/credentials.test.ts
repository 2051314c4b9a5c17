import * as calls from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import type { ToClient } from '@safesend/shared/socket.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connect,
  connected,
  send,
  signUp,
  startTestApp,
  type Person,
  type TestApp,
  type TestSocket,
} from '../../../../test/harness.ts';
import { mailsTo, mailTo, tokenIn } from '../../../../test/mails.ts';

const password = 'correct horse battery staple';
const better = 'seven quiet harbour lamps';
const day = 86_400;

let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

async function signIn(person: Person, secret = password): Promise<{ status: number; cookie: string }> {
  const { status, headers } = await send(base, calls.login, { body: { email: person.user.email, password: secret } });
  return { status, cookie: (headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '' };
}
async function isIn(cookie: string): Promise<boolean> {
  return (await send(base, calls.me, { headers: { cookie } })).status === 200;
}
async function advance(seconds: number): Promise<void> {
  await send(base, advanceClock, { body: { advanceSeconds: seconds } });
}
function ended(socket: TestSocket): Promise<Parameters<ToClient['session.ended']>[0]> {
  return new Promise((resolve) => socket.once('session.ended', resolve));
}
async function factsOf(person: Person): Promise<string[]> {
  const rows = await app.sql<{ type: string }>('select type from facts where room_id = $1 order by seq', [
    person.inboxRoomId,
  ]);
  return rows.map(({ type }) => type);
}

test('A16 a verification link proves the address once', async () => {
  const person = await signUp(app);
  const token = tokenIn(await mailTo(app, person.user.email, /Confirm/));
  expect((await send(base, calls.verifyEmail, { body: { token } })).status).toBe(204);
  expect((await person.must(calls.me)).user.emailVerifiedAt).not.toBeNull();
  expect((await send(base, calls.verifyEmail, { body: { token } })).status).toBe(409);
  expect((await send(base, calls.verifyEmail, { body: { token: 'made-up' } })).status).toBe(404);
  expect((await person.call(calls.resendVerification)).status).toBe(409);
  expect((await factsOf(person)).filter((type) => type === 'account.email.verified')).toHaveLength(1);
});

test('A16 a new mail replaces the link before it, and links run out', async () => {
  const person = await signUp(app);
  const first = tokenIn(await mailTo(app, person.user.email, /Confirm/));
  expect((await person.call(calls.resendVerification)).status).toBe(204);
  const second = tokenIn(await mailTo(app, person.user.email, /Confirm/));
  expect(second).not.toBe(first);
  expect((await send(base, calls.verifyEmail, { body: { token: first } })).status).toBe(409);
  await advance(2 * day + 60);
  expect((await send(base, calls.verifyEmail, { body: { token: second } })).status).toBe(409);
  const links = await app.sql<{ token_hash: string }>('select token_hash from account_links where user_id = $1', [
    person.id,
  ]);
  for (const { token_hash } of links) expect([first, second]).not.toContain(token_hash);
});

test('A18 an address that is changed with a password of before waits behind the new password, and fails', async () => {
  const person = await signUp(app);
  const owner = new pg.Client({ connectionString: app.databaseUrl });
  await owner.connect();
  await owner.query('begin');
  await owner.query(`update users set password_hash = 'another' where id = $1`, [person.id]);
  const changing = person.call(calls.changeEmail, { body: { email: `thief-${person.user.email}`, password } });
  const waits = `select 1 from pg_locks l join pg_stat_activity s using (pid) where not l.granted and s.datname = current_database()`;
  await expect.poll(() => app.sql(waits)).not.toEqual([]);
  await owner.query('commit');
  await owner.end();
  expect((await changing).status).toBe(409);
  expect((await person.must(calls.me)).user).toMatchObject({ email: person.user.email, pendingEmail: null });
});

test('A19 a reset link sets the password once and ends every session, its sockets too', async () => {
  const person = await signUp(app);
  const elsewhere = await signIn(person);
  const cut = ended(await person.socket());
  expect((await send(base, calls.requestPasswordReset, { body: { email: person.user.email } })).status).toBe(204);
  const token = tokenIn(await mailTo(app, person.user.email, /new password/));
  const weak = await send(base, calls.resetPassword, { body: { token, password: `${person.user.username}1` } });
  expect(weak.body).toMatchObject({ code: 'invalid', errors: [{ path: 'password' }] });
  expect((await send(base, calls.resetPassword, { body: { token, password: better } })).status).toBe(204);
  await cut;
  expect([await isIn(person.cookie), await isIn(elsewhere.cookie)]).toEqual([false, false]);
  expect((await send(base, calls.resetPassword, { body: { token, password: better } })).status).toBe(409);
  expect([(await signIn(person)).status, (await signIn(person, better)).status]).toEqual([401, 200]);
  await mailTo(app, person.user.email, /was changed/);
});

test('A18 a new password is another one than before, and who does not know the one before is not told which it was', async () => {
  const person = await signUp(app);
  const change = (body: { currentPassword: string; password: string }) => person.call(calls.changePassword, { body });
  const same = await change({ currentPassword: password, password });
  expect(same.body).toMatchObject({ code: 'invalid', errors: [{ path: 'password' }] });
  const guessed = await change({ currentPassword: better, password: better });
  expect(guessed.body).toMatchObject({ code: 'invalid', errors: [{ path: 'currentPassword' }] });
  expect((await change({ currentPassword: password, password: better })).status).toBe(204);
});

test('A19 whoever opened an account in another’s name keeps nothing when the reader of the mailbox takes it over', async () => {
  const person = await signUp(app);
  const scopes: ('read' | 'write')[] = ['read', 'write'];
  const { token } = await person.must(calls.createApiToken, { body: { name: 'Left behind', scopes } });
  const bot = connect(base, {}, { token });
  await connected(bot);
  const cut = ended(bot);
  await send(base, calls.requestPasswordReset, { body: { email: person.user.email } });
  const link = tokenIn(await mailTo(app, person.user.email, /new password/));
  expect((await send(base, calls.resetPassword, { body: { token: link, password: better } })).status).toBe(204);
  await cut;
  const asBot = { headers: { authorization: `Bearer ${token}` } };
  expect((await send(base, calls.me, asBot)).status).toBe(401);
  const { cookie } = await signIn(person, better);
  expect((await send(base, calls.listApiTokens, { headers: { cookie } })).body.items).toEqual([]);
  expect(await factsOf(person)).toContain('account.token.revoked');
  expect((await mailTo(app, person.user.email, /was changed/)).text).toContain('every API token was revoked');
});

test('A19 reset links run out after an hour and the answer is the same for unknown addresses', async () => {
  const person = await signUp(app);
  const known = await send(base, calls.requestPasswordReset, { body: { email: person.user.email } });
  const unknown = await send(base, calls.requestPasswordReset, { body: { email: `nobody-${person.user.email}` } });
  expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
  const token = tokenIn(await mailTo(app, person.user.email, /new password/));
  await advance(3_601);
  expect((await send(base, calls.resetPassword, { body: { token, password: better } })).status).toBe(409);
  expect(await mailsTo(app, `nobody-${person.user.email}`)).toEqual([]);
});

test('A19 a reset link says at its opening whether it works, tells no more than using it would, and is not used up', async () => {
  const person = await signUp(app);
  const look = async (token: string) => (await send(base, calls.lookUpPasswordReset, { body: { token } })).status;
  const ask = async () => {
    await send(base, calls.requestPasswordReset, { body: { email: person.user.email } });
    return tokenIn(await mailTo(app, person.user.email, /new password/));
  };
  const token = await ask();
  expect([await look(token), await look(token), await look(`${token.slice(0, -2)}AA`)]).toEqual([204, 204, 404]);
  await person.must(calls.resendVerification);
  const other = tokenIn(await mailTo(app, person.user.email, /onfirm/));
  expect(await look(other), 'a link for something else is none of these').toBe(404);
  expect((await send(base, calls.resetPassword, { body: { token, password: better } })).status).toBe(204);
  expect(await look(token)).toBe(409);
});

test('A19 a reset link that has run out says so at its opening', async () => {
  const person = await signUp(app);
  await send(base, calls.requestPasswordReset, { body: { email: person.user.email } });
  const token = tokenIn(await mailTo(app, person.user.email, /new password/));
  await advance(3_601);
  expect((await send(base, calls.lookUpPasswordReset, { body: { token } })).status).toBe(409);
});

test('T-A9 changing the password ends every other session and keeps this one', async () => {
  const person = await signUp(app);
  const other = await signIn(person);
  const wrong = await person.call(calls.changePassword, { body: { currentPassword: 'wrong', password: better } });
  expect(wrong.body).toMatchObject({ code: 'invalid', errors: [{ path: 'currentPassword' }] });
  expect(
    (await person.call(calls.changePassword, { body: { currentPassword: password, password: better } })).status,
  ).toBe(204);
  expect([await isIn(person.cookie), await isIn(other.cookie)]).toEqual([true, false]);
  expect((await signIn(person, better)).status).toBe(200);
});

test('T-A9 a session ended in the list is cut at once, and one of a stranger is missing', async () => {
  const person = await signUp(app);
  const other = await signIn(person);
  const stranger = await signUp(app);
  const { items } = await person.must(calls.listSessions);
  expect(items.map(({ current }) => current).sort()).toEqual([false, true]);
  expect(JSON.stringify(items)).not.toContain(other.cookie.split('=')[1]);
  const socket = await person.socket();
  const theirs = items.find(({ current }) => !current)?.id ?? '';
  const mine = items.find(({ current }) => current)?.id ?? '';
  expect((await stranger.call(calls.endSession, { params: { sessionId: theirs } })).status).toBe(404);
  expect((await person.call(calls.endSession, { params: { sessionId: theirs } })).status).toBe(204);
  expect(await isIn(other.cookie)).toBe(false);
  expect((await person.call(calls.endSession, { params: { sessionId: theirs } })).status).toBe(404);
  const cut = ended(socket);
  expect((await person.call(calls.endSession, { params: { sessionId: mine } })).status).toBe(204);
  expect(await cut).toEqual({ reason: 'signed_out' });
  expect(await isIn(person.cookie)).toBe(false);
});

test('A11 a session that runs out says so to its open pages, whether or not the cookie was tried since', async () => {
  const cuts = await Promise.all(
    [0, 1].map(async (tries) => {
      const person = await signUp(app);
      const cut = ended(await person.socket());
      return { person, cut, tries };
    }),
  );
  const script = await signUp(app);
  const expiresAt = new Date(Date.now() + 31 * day * 1000).toISOString();
  const { token } = await script.must(calls.createApiToken, { body: { name: 'Bot', scopes: ['read'], expiresAt } });
  const bot = connect(base, {}, { token });
  await connected(bot);
  const botCut = ended(bot);
  await advance(32 * day);
  for (const { person, cut, tries } of cuts) {
    if (tries > 0) expect(await isIn(person.cookie)).toBe(false);
    expect(await cut).toEqual({ reason: 'expired' });
  }
  expect(await botCut).toEqual({ reason: 'expired' });
});

test('A18 signing out everywhere else keeps this session', async () => {
  const person = await signUp(app);
  const others = [await signIn(person), await signIn(person)];
  expect((await person.call(calls.endOtherSessions)).status).toBe(204);
  expect(await isIn(person.cookie)).toBe(true);
  for (const { cookie } of others) expect(await isIn(cookie)).toBe(false);
});

test('A11 a session in use lasts to its absolute end, an idle one for 30 days', async () => {
  const person = await signUp(app);
  const idle = await signIn(person);
  await advance(30 * day - 60);
  expect(await isIn(person.cookie)).toBe(true);
  await advance(120);
  expect(await isIn(idle.cookie)).toBe(false);
  for (const days of [29, 29]) {
    await advance(days * day);
    expect(await isIn(person.cookie)).toBe(true);
  }
  const { items } = await person.must(calls.listSessions);
  const [first] = items;
  expect(Date.parse(first?.expiresAt ?? '') - Date.parse(first?.createdAt ?? '')).toBe(90 * day * 1000);
  await advance(2 * day);
  expect(await isIn(person.cookie)).toBe(false);
});

test('a one-time link signs in once', async () => {
  const person = await signUp(app);
  const { makeSignInLink } = await import('../service/signin.ts');
  const { result } = await app.transact({ id: person.id }, (tx) => makeSignInLink(tx, app.url, person.id));
  const body = { token: new URL(result).searchParams.get('token') ?? '' };
  expect(new URL(result).pathname).toBe('/signin/link');
  const answer = await send(base, calls.useLink, { body });
  expect(answer.body.user.id).toBe(person.id);
  expect(await isIn((answer.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '')).toBe(true);
  expect((await send(base, calls.useLink, { body })).status).toBe(409);
});

test('the password confirms a session for a sensitive step', async () => {
  const person = await signUp(app);
  expect((await person.call(calls.reauthenticate, { body: { password: 'wrong' } })).status).toBe(422);
  await advance(3_600);
  expect((await person.call(calls.reauthenticate, { body: { password } })).status).toBe(204);
  const [row] = await app.sql<{ fresh: boolean }>(
    `select reauthenticated_at > product_now() - interval '1 minute' as fresh from sessions where user_id = $1`,
    [person.id],
  );
  expect(row?.fresh).toBe(true);
});
