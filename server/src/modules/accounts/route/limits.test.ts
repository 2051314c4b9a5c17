import * as calls from '@safesend/shared/accounts/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, send, signUp, startTestApp, type TestApp } from '../../../../test/harness.ts';

const password = 'correct horse battery staple';
let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

const times = <Value>(count: number, make: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => make(at));

test('A08 T-S9 neither spelling, forged addresses nor haste give more attempts at one account', async () => {
  const person = await signUp(app);
  const [name = '', host = ''] = person.user.email.split('@');
  const spelt = [
    person.user.email,
    person.user.email.toUpperCase(),
    `${name}+a@${host}`,
    `${name}+b@${host}`,
    ` ${person.user.email}`,
  ];
  const headers = (at: number) => ({
    'x-forwarded-for': `10.0.0.${at}`,
    'x-real-ip': `10.0.0.${at}`,
    forwarded: `for=10.0.0.${at}`,
  });
  const answers = await Promise.all(
    times(30, (at) =>
      send(base, calls.login, {
        body: { email: spelt[at % spelt.length] ?? '', password: 'wrong' },
        headers: headers(at),
      }),
    ),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(20);
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await send(base, calls.login, { body: { email: person.user.email, password } })).status).toBe(429);
});

test('A08 the right password ends the back-off of its account', async () => {
  const person = await signUp(app);
  await app.sql('update users set email_verified_at = now() where id = $1', [person.id]);
  const attempt = (secret: string) => send(base, calls.login, { body: { email: person.user.email, password: secret } });
  for (const { status } of await Promise.all(times(9, () => attempt('wrong')))) expect(status).toBe(401);
  expect((await attempt(password)).status).toBe(200);
  for (const { status } of await Promise.all(times(9, () => attempt('wrong')))) expect(status).toBe(401);
});

test('A08 T-S9 an account under another spelling of an address, proven by nobody, buys no attempts at the one it imitates', async () => {
  const fresh = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  const at = `http://127.0.0.1:${fresh.port}`;
  const victim = await signUp(fresh);
  const [name = '', host = ''] = victim.user.email.split('@');
  const email = `${name}+mine@${host}`;
  const body = { email, username: `${name}-mine`, password, displayName: 'Mallory', role: 'client' as const };
  expect((await send(at, calls.register, { body })).status).toBe(201);
  const attempt = (address: string, secret: string) =>
    send(at, calls.login, { body: { email: address, password: secret } }).then(({ status }) => status);
  for (const status of await Promise.all(times(9, () => attempt(victim.user.email, 'wrong')))) expect(status).toBe(401);
  expect([await attempt(email, password), await attempt(email, password)]).toEqual([200, 200]);
  expect([await attempt(victim.user.email, 'wrong'), await attempt(victim.user.email, 'wrong')]).toEqual([401, 429]);
  await fresh.close();
});

test('A08 A18 who guesses at a password from outside does not keep its owner from changing it; his own guesses are counted', async () => {
  const person = await signUp(app);
  const { email } = person.user;
  await Promise.all(times(12, () => send(base, calls.login, { body: { email, password: 'wrong' } })));
  expect((await send(base, calls.login, { body: { email, password } })).status).toBe(429);
  const change = (currentPassword: string) =>
    person.call(calls.changePassword, { body: { currentPassword, password: `${password} anew` } });
  const guesses = await Promise.all(times(9, () => change('wrong')));
  expect(guesses.map(({ status }) => status)).toEqual(times(9, () => 422));
  expect((await change(password)).status).toBe(204);
  const more = await Promise.all(times(12, () => change('wrong')));
  expect(more.map(({ status }) => status).sort()).toEqual([...times(10, () => 422), 429, 429]);
});

test('T-S9 reset mails are limited alike for known and unknown addresses', async () => {
  const person = await signUp(app);
  const [name = '', host = ''] = person.user.email.split('@');
  for (const known of [name, `nobody-${name}`]) {
    const emails = times(8, (at) => (at % 2 ? `${known}@${host}` : `${known}+${at}@${host}`));
    const answers = await Promise.all(
      emails.map((email) => send(base, calls.requestPasswordReset, { body: { email } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...times(6, () => 204), 429, 429]);
  }
});

test('T-S9 nobody’s mailbox is filled with invitations and sign-ups, whoever sends them and however it is spelt', async () => {
  const inviters = [await signUp(app), await signUp(app)];
  const owned = await Promise.all(inviters.map((inviter) => projectOf(inviter)));
  const mailbox = `filled-${inviters[0]?.user.username}`;
  const answers = await Promise.all(
    times(14, async (at) => {
      const body = { email: `${mailbox}+${at}@example.com`, role: 'freelancer' as const };
      return inviters[at % 2]?.call(projects.invite, { params: { projectId: owned[at % 2]?.id ?? '' }, body });
    }),
  );
  expect(answers.map((it) => it?.status).sort()).toEqual([...times(12, () => 201), 429, 429]);
  const [first] = answers.filter((it) => it?.status === 201);
  const params = { invitationId: first?.body.invitation.id ?? '' };
  expect(
    await Promise.all(inviters.map(async (it) => (await it.call(projects.resendInvitation, { params })).status)),
  ).toEqual([429, 429]);
  const person = { username: mailbox, password, displayName: 'Filled', role: 'client' as const };
  const newcomer = { ...person, email: `${mailbox}@example.com` };
  expect((await send(base, calls.register, { body: newcomer })).status).toBe(429);
  const body = { username: inviters[1]?.user.username ?? '', role: 'freelancer' as const };
  expect((await inviters[0]?.call(projects.invite, { params: { projectId: owned[0]?.id ?? '' }, body }))?.status).toBe(
    201,
  );
});

test('T-S8 an unknown address costs as much work as a wrong password', async () => {
  const quiet = await startTestApp();
  const at = `http://127.0.0.1:${quiet.port}`;
  const person = await signUp(quiet);
  const took = async (email: string) => {
    const start = performance.now();
    await send(at, calls.login, { body: { email, password: 'wrong' } });
    return performance.now() - start;
  };
  await took(person.user.email);
  await took('nobody@example.com');
  const spent = { known: [] as number[], unknown: [] as number[] };
  for (let round = 0; round < 20; round++) {
    spent.known.push(await took(person.user.email));
    spent.unknown.push(await took('nobody@example.com'));
  }
  await quiet.close();
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length / 2] ?? 0;
  // An answer without a hash takes a small part of the time of one with; anything near equal has hashed.
  expect(median(spent.unknown)).toBeGreaterThan(median(spent.known) / 2);
});

test('T-S15 fifty people may sign in at once', async () => {
  const quiet = await startTestApp();
  const at = `http://127.0.0.1:${quiet.port}`;
  const people = await Promise.all(times(10, () => signUp(quiet)));
  const emails = times(50, (turn) => people[turn % people.length]?.user.email ?? '');
  const answers = await Promise.all(emails.map((email) => send(at, calls.login, { body: { email, password } })));
  await quiet.close();
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});
