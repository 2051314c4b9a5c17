import { checkEmail, checkUsername, login, logout, me, register } from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { getRoom, listEvents } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, startTestApp, type Answer, type TestApp } from '../../../../test/harness.ts';
import { mailsTo } from '../../../../test/mails.ts';

let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

const password = 'quiet harbour lamp';
function someone(change: Partial<Record<'email' | 'username' | 'password' | 'displayName' | 'role', string>> = {}) {
  const username = `guest-${newId().slice(-12)}`;
  const fields = { email: `${username}@example.com`, username, password, displayName: 'Gesa Holm', role: 'client' };
  return { ...fields, ...change } as {
    email: string;
    username: string;
    password: string;
    displayName: string;
    role: 'client';
  };
}
function cookieOf({ headers }: Answer<unknown>): string {
  return (headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
}
async function who(cookie: string): Promise<number> {
  return (await send(base, me, { headers: { cookie } })).status;
}

test('A02 registering opens an account with its inbox, signs in and sends a link', async () => {
  const body = someone({ email: `Mixed.Case-${newId()}@Example.COM`, role: 'freelancer' });
  const answer = await send(base, register, { body });
  expect(answer.status).toBe(201);
  const { user, inboxRoomId } = answer.body;
  expect(user).toMatchObject({
    email: body.email.toLowerCase(),
    role: 'freelancer',
    emailVerifiedAt: null,
    grants: [],
  });
  const headers = { cookie: cookieOf(answer) };
  expect((await send(base, me, { headers })).body).toEqual({ user, inboxRoomId });
  const inbox = await send(base, getRoom, { params: { roomId: inboxRoomId }, headers });
  expect(inbox.body.account).toEqual(user);
  const { events } = (await send(base, listEvents, { params: { roomId: inboxRoomId }, query: { after: 0 }, headers }))
    .body;
  expect(events.map(({ type }) => type)).toEqual(['member.joined', 'account.registered', 'account.session.started']);
  expect(events.every(({ actorId }) => actorId === user.id)).toBe(true);
  const [mail] = await mailsTo(app, user.email);
  expect(mail?.text).toMatch(/\/verify\?token=[\w-]{40,}/);
});

test.each([
  ['an address that is none', { email: 'nowhere' }, 'email'],
  ['a username with spaces', { username: 'two words' }, 'username'],
  ['a name of several lines', { displayName: 'a\nb' }, 'displayName'],
  ['A07 a short password', { password: 'short' }, 'password'],
  ['A07 a common password', { password: 'password123' }, 'password'],
  ['A07 a password that is the username', { username: 'harbour-lamp', password: 'harbour-lamp1' }, 'password'],
  ['A04 an admin', { role: 'admin' }, 'role'],
  ['A04 a mediator', { role: 'mediator' }, 'role'],
])('A02 %s is refused at its field', async (_what, change, path) => {
  const answer = await send(base, register, { body: someone(change) });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: 'invalid', errors: [{ path, message: expect.stringMatching(/./) }] });
});

test('A03 a fault between user and profile leaves neither', async () => {
  const body = someone({ displayName: 'Fault Between' });
  await app.sql(
    `create function fail_profile() returns trigger language plpgsql as $$ begin raise exception 'injected'; end $$`,
  );
  await app.sql(
    `create trigger fail_profile before insert on profiles for each row when (new.display_name = 'Fault Between') execute function fail_profile()`,
  );
  expect((await send(base, register, { body })).status).toBe(500);
  expect(await app.sql('select 1 from users where email = $1', [body.email])).toEqual([]);
  expect(await app.sql('select 1 from profiles where display_name = $1', [body.displayName])).toEqual([]);
  expect((await send(base, register, { body: { ...body, displayName: 'No Fault' } })).status).toBe(201);
});

test('A05 A06 taken names are told apart, whatever their case', async () => {
  const taken = someone();
  await send(base, register, { body: taken });
  const again = { email: taken.email.toUpperCase(), username: taken.username.toUpperCase() };
  const answer = await send(base, register, { body: someone(again) });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ code: 'conflict', errors: [{ path: 'email' }, { path: 'username' }] });
  const isFree = async (email: string, username: string) => [
    (await send(base, checkEmail, { query: { email } })).body.available,
    (await send(base, checkUsername, { query: { username } })).body.available,
  ];
  expect(await isFree(again.email, again.username)).toEqual([false, false]);
  expect(await isFree(someone().email, someone().username)).toEqual([true, true]);
});

test.each(['email', 'username'] as const)(
  'A05 A06 of two simultaneous sign-ups with one %s exactly one wins',
  async (field) => {
    for (let round = 0; round < 3; round++) {
      const { [field]: shared } = someone();
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => send(base, register, { body: someone({ [field]: shared }) })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      const lost = answers.filter(({ status }) => status === 409);
      for (const { body } of lost) expect(body).toMatchObject({ errors: [{ path: field }] });
      expect(await app.sql(`select 1 as one from users where ${field} = $1`, [shared])).toHaveLength(1);
    }
  },
);

test('L5 the same registration sent twice opens one account and signs in both times', async () => {
  const body = someone();
  const commandId = newId();
  const answers = await Promise.all([1, 2].map(() => send(base, register, { body, commandId })));
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(answers[0]?.body).toEqual(answers[1]?.body);
  for (const answer of answers) expect(await who(cookieOf(answer))).toBe(200);
  const other = await send(base, register, { body: { ...body, password: 'another quiet lamp' }, commandId });
  expect(other.status).toBe(409);
});

test('A07 A12 neither passwords nor session secrets are stored', async () => {
  const body = someone({ password: `secret ${newId()}` });
  const answer = await send(base, register, { body });
  const [, secret = ''] = cookieOf(answer).split('=');
  const [user] = await app.sql<{ password_hash: string }>('select password_hash from users where email = $1', [
    body.email,
  ]);
  expect(user?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const tables = await app.sql<{ schemaname: string; tablename: string }>(
    `select schemaname, tablename from pg_tables where schemaname in ('public', 'pgboss')`,
  );
  for (const { schemaname, tablename } of tables) {
    const found = await app.sql<{ n: number }>(
      `select count(*)::int as n from ${schemaname}."${tablename}" as t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0`,
      [body.password, secret],
    );
    expect([tablename, found[0]?.n]).toEqual([tablename, 0]);
  }
});

test('A08 right credentials sign in, wrong ones and unknown ones get one answer', async () => {
  const body = someone();
  await send(base, register, { body });
  const right = await send(base, login, { body: { email: ` ${body.email.toUpperCase()} `, password } });
  expect(right.status).toBe(200);
  expect(right.body.user.username).toBe(body.username);
  const wrong = await send(base, login, { body: { email: body.email, password: 'wrong' } });
  const unknown = await send(base, login, { body: { email: someone().email, password } });
  expect([wrong.status, unknown.status]).toEqual([401, 401]);
  const { requestId: _one, ...first } = wrong.body as unknown as Record<string, unknown>;
  const { requestId: _two, ...second } = unknown.body as unknown as Record<string, unknown>;
  expect(first).toEqual(second);
});

test('A09 signing in again ends the session this browser had', async () => {
  const body = someone();
  const first = cookieOf(await send(base, register, { body }));
  const answer = await send(base, login, { body: { email: body.email, password }, headers: { cookie: first } });
  expect(await who(first)).toBe(401);
  expect(await who(cookieOf(answer))).toBe(200);
  const neighbour = await send(base, register, { body: someone(), headers: { cookie: cookieOf(answer) } });
  expect(await who(cookieOf(answer))).toBe(401);
  expect(await who(cookieOf(neighbour))).toBe(200);
});

test('A10 signing out ends the session and takes the cookie back', async () => {
  const cookie = cookieOf(await send(base, register, { body: someone() }));
  const answer = await send(base, logout, { headers: { cookie } });
  expect(answer.status).toBe(204);
  expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^safesend_session=; .*Max-Age=0/)]);
  expect([await who(cookie), (await send(base, logout, { headers: { cookie } })).status]).toEqual([401, 401]);
});

test('T-S3 the cookie is out of reach for scripts and other sites, and __Host- over https', async () => {
  const plain = (await send(base, register, { body: someone() })).headers.getSetCookie();
  expect(plain).toEqual([expect.stringMatching(/^safesend_session=[a-z0-9]{40}; /)]);
  const secure = await startTestApp({ environment: { PUBLIC_URL: 'https://app.example.com' } });
  const [cookie = ''] = (
    await send(`http://127.0.0.1:${secure.port}`, register, { body: someone() })
  ).headers.getSetCookie();
  await secure.close();
  expect(cookie).toMatch(/^__Host-safesend_session=/);
  for (const flag of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) expect(cookie.split('; ')).toContain(flag);
  expect(plain[0]?.split('; ')).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Lax', 'Path=/']));
  expect(cookie).not.toMatch(/Domain/);
  expect(cookie.length).toBeLessThan(4096);
});

test('A01 an account and its session outlive a restart', async () => {
  const first = await startTestApp();
  const body = someone();
  const answer = await send(`http://127.0.0.1:${first.port}`, register, { body });
  await first.close();
  const second = await startTestApp({ databaseUrl: first.databaseUrl });
  const again = await send(`http://127.0.0.1:${second.port}`, me, { headers: { cookie: cookieOf(answer) } });
  await second.close();
  expect(again.body).toEqual(answer.body);
});

test('a cookie of somebody else, broken or doubled, is nobody', async () => {
  for (const cookie of [
    'safesend_session=%E0%A4%A',
    'safesend_session=',
    `safesend_session=${'a'.repeat(40)}`,
    'x=%; y',
  ]) {
    expect(await who(cookie)).toBe(401);
  }
  const cookie = cookieOf(await send(base, register, { body: someone() }));
  expect(await who(`other=%E0%A4%A; ${cookie}`)).toBe(200);
});

test('UX 38 a sign-in from a new device is told by mail, one from a known device is not', async () => {
  const body = someone();
  await send(base, register, { body });
  const from = async (agent: string) => {
    await send(base, login, { body: { email: body.email, password }, headers: { 'user-agent': agent } });
    return (await mailsTo(app, body.email)).filter(({ subject }) => /new sign-in/.test(subject));
  };
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  expect(await from(firefox)).toMatchObject([{ text: expect.stringContaining('Firefox on Linux') }]);
  expect(await from(firefox)).toHaveLength(1);
});
