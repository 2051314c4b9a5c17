import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as calls from '@safesend/shared/accounts/passkey-calls.ts';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authenticator, enrol, originOf, password, toEnrol, toSignIn } from '../../../../test/authenticator.ts';
import { send, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { mailTo } from '../../../../test/mails.ts';

let app: TestApp;
beforeAll(async () => void (app = await startTestApp()));
afterAll(() => app.close());

/** Somebody waits for a lock. */
const waits = `select 1 from pg_locks l join pg_stat_activity s using (pid) where not l.granted and s.datname = current_database()`;

/** Somebody gets in line behind the reader of the mailbox, who signs everybody out and then lets him go on. */
async function signedOutMeanwhile<Answer>(person: Person, ask: () => Promise<Answer>): Promise<Answer> {
  const reader = new pg.Client({ connectionString: app.databaseUrl });
  await reader.connect();
  await reader.query('begin');
  await reader.query('select 1 from users where id = $1 for update', [person.id]);
  const asking = ask();
  await expect.poll(() => app.sql(waits)).not.toEqual([]);
  await reader.query('delete from sessions where user_id = $1', [person.id]);
  await reader.query('commit');
  await reader.end();
  return asking;
}

const kept = async (table: 'passkeys' | 'api_tokens', { id }: Person) =>
  app.sql(`select 1 from ${table} where user_id = $1`, [id]);

test('A20 A19 whoever is signed out by a new password while he adds a passkey has none', async () => {
  const person = await signUp(app);
  const body = await toEnrol(person);
  const { status } = await signedOutMeanwhile(person, () => person.call(calls.addPasskey, { body }));
  expect([status, await kept('passkeys', person)]).toEqual([401, []]);
});

test('A19 whoever is signed out by a new password while he makes an API token has none', async () => {
  const person = await signUp(app);
  const body = { name: 'Left behind', scopes: ['read' as const] };
  const { status } = await signedOutMeanwhile(person, () => person.call(accounts.createApiToken, { body }));
  expect([status, await kept('api_tokens', person)]).toEqual([401, []]);
});

test('A20 a device that keeps its key under another name than it says, however long, adds nothing', async () => {
  const person = await signUp(app);
  const said = randomBytes(32).toString('base64url');
  for (const length of [3_000, 32]) {
    const { attempt, response } = await toEnrol(person, new Authenticator(originOf(person), randomBytes(length)));
    const body = { attempt, response: { ...response, id: said, rawId: said } };
    expect((await person.call(calls.addPasskey, { body })).status, `${length} bytes`).toBe(422);
  }
});

test('A20 what a device says of who made it is neither asked for nor read', async () => {
  const person = await signUp(app);
  await person.must(accounts.reauthenticate, { body: { password } });
  const { attempt, options } = await person.must(calls.beginPasskey);
  const response = new Authenticator(originOf(person)).create(options, { isAttested: true });
  expect((await person.call(calls.addPasskey, { body: { attempt, response } })).status).toBe(201);
});

test('A20 what is no attestation at all is refused, as deep and as large as it claims to be', async () => {
  const person = await signUp(app);
  const wrong = [
    Buffer.alloc(29_000, 0x81),
    Buffer.from([0xbb, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0xf6]),
    Buffer.from([0xa1, 0x68, ...Buffer.from('authData'), 0x60]),
    Buffer.from([0x5a, 0xff, 0xff, 0xff, 0xff]),
  ];
  for (const [at, bytes] of wrong.entries()) {
    const { attempt, response } = await toEnrol(person);
    const attestationObject = bytes.toString('base64url');
    const body = { attempt, response: { ...response, response: { ...response.response, attestationObject } } };
    expect((await person.call(calls.addPasskey, { body })).status, String(at)).toBe(422);
  }
});

test('A20 A15 mails say what a new password leaves as it was, and what ends whatever a stranger has put there', async () => {
  const person = await signUp(app);
  const body = { email: person.user.email, password };
  await send(person.base, accounts.login, { body, headers: { 'user-agent': 'curl/8' } });
  const warning = await mailTo(app, person.user.email, /new sign-in/);
  expect(warning.text).toMatch(/ask for a new password .* ends every passkey and API token/s);
  const change = { currentPassword: password, password: 'seven quiet harbour lamps' };
  await person.must(accounts.changePassword, { body: change });
  expect((await mailTo(app, person.user.email, /password was changed/)).text).toMatch(/Passkeys .* stay/);
});

test('A20 T-S9 whoever guesses at somebody’s password does not keep his passkey out', async () => {
  const limited = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  try {
    const person = await signUp(limited);
    const { device } = await enrol(person);
    const body = { email: person.user.email, password: 'a guess' };
    const statuses: number[] = [];
    for (let round = 0; round < 12; round++) statuses.push((await send(person.base, accounts.login, { body })).status);
    expect(statuses.at(-1)).toBe(429);
    const proof = await toSignIn(person.base, device);
    expect((await send(person.base, calls.signInByPasskey, { body: proof })).status).toBe(200);
    expect((await send(person.base, accounts.login, { body })).status, 'he guesses on').toBe(429);
  } finally {
    await limited.close();
  }
});

test('A20 whoever is signed out while he asks for a challenge is told so', async () => {
  const person = await signUp(app);
  await person.must(accounts.reauthenticate, { body: { password } });
  const elsewhere = new pg.Client({ connectionString: app.databaseUrl });
  await elsewhere.connect();
  await elsewhere.query('begin');
  await elsewhere.query('delete from sessions where user_id = $1', [person.id]);
  const asking = person.call(calls.beginPasskey);
  await expect.poll(() => app.sql(waits)).not.toEqual([]);
  await elsewhere.query('commit');
  await elsewhere.end();
  expect((await asking).status).toBe(401);
});
