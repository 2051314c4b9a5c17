import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { login, register, resetPassword } from '@safesend/shared/accounts/calls.ts';
import { invite } from '@safesend/shared/projects/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childEnv } from '../../test/child-env.ts';
import { projectOf, send, signUp, startTestApp, type TestApp } from '../../test/harness.ts';
import { readEnv } from '../kernel/env.ts';
import { createAdminVerb, grantRoleVerb, registrationVerb, resetPasswordVerb } from './accounts.ts';
import { exitCodes, type Verb } from './verb.ts';

const password = 'seven quiet harbour lamps';
let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

function environment() {
  return { DATABASE_URL: app.databaseUrl, SAFESEND_DATA_DIR: app.dataDir, PORT: String(app.port) };
}

async function run(verb: Verb, words: readonly string[], options: Record<string, string | boolean> = {}, input = '') {
  const desk = { env: readEnv(environment()), databaseUrl: async () => app.databaseUrl, readInput: async () => input };
  return (await verb.run(desk, { words, options })).value as Record<string, unknown>;
}

test(
  'A21 a fresh installation has nobody in it until create-admin makes the first one',
  { timeout: 90_000 },
  async () => {
    expect(await app.sql('select 1 from users')).toEqual([]);
    const flags = ['--email', 'Root@Example.com', '--username', 'keeper', '--password-stdin', '--json'];
    const child = spawn(process.execPath, [join(import.meta.dirname, '../cli.ts'), 'create-admin', ...flags], {
      env: { ...childEnv, ...environment() },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(`${password}\n`);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect([code, err]).toEqual([exitCodes.done, '']);
    expect(JSON.parse(out)).toMatchObject({ username: 'keeper', grants: ['admin'] });
    const { status, body } = await send(base, login, { body: { email: 'root@example.com', password } });
    expect([status, body.user.grants, body.user.emailVerifiedAt === null]).toEqual([200, ['admin'], false]);
  },
);

test.each([
  ['a taken username', { email: 'second@example.com', username: 'keeper' }, password, exitCodes.conflict],
  ['a weak password', { email: 'third@example.com', username: 'third' }, 'password123', exitCodes.usage],
  ['no address', { username: 'fourth' }, password, exitCodes.usage],
])('A21 create-admin refuses %s', async (_what, options, secret, exitCode) => {
  const refused = run(createAdminVerb, [], { 'password-stdin': true, ...options }, secret);
  await expect(refused).rejects.toMatchObject({ name: 'CliError', exitCode });
});

test('A17 grant-role adds a role once', async () => {
  const person = await signUp(app);
  const { username } = person.user;
  expect(await run(grantRoleVerb, [username, 'mediator'])).toEqual({ username, role: 'mediator', changed: true });
  expect(await run(grantRoleVerb, [username, 'mediator'])).toMatchObject({ changed: false });
  await expect(run(grantRoleVerb, [username, 'king'])).rejects.toMatchObject({ exitCode: exitCodes.usage });
  await expect(run(grantRoleVerb, ['nobody-here', 'admin'])).rejects.toMatchObject({ exitCode: exitCodes.notFound });
  const facts = await app.sql(`select 1 from facts where room_id = $1 and type = 'account.changed'`, [
    person.inboxRoomId,
  ]);
  expect(facts).toHaveLength(1);
});

test('A19 reset-password prints a link that sets a password once', async () => {
  const person = await signUp(app);
  const link = new URL(String((await run(resetPasswordVerb, [person.user.username]))['link']));
  expect([link.port, link.pathname]).toEqual([String(app.port), '/reset']);
  const body = { token: link.searchParams.get('token') ?? '', password };
  expect((await send(base, resetPassword, { body })).status).toBe(204);
  expect((await send(base, resetPassword, { body })).status).toBe(409);
  expect((await send(base, login, { body: { email: person.user.email, password } })).status).toBe(200);
});

test('E19 with registration by invitation only, nobody signs up without one', async () => {
  const owner = await signUp(app);
  const project = await projectOf(owner);
  expect(await run(registrationVerb, ['invitation-only'])).toEqual({ registration: 'invitation-only' });
  const visitor = (name: string, invitation?: string) => ({
    ...{ email: `${name}@example.com`, username: name, password, displayName: name, role: 'freelancer' as const },
    ...(invitation !== undefined && { invitation }),
  });
  expect((await send(base, register, { body: visitor('uninvited') })).status).toBe(403);
  expect((await send(base, register, { body: visitor('guesser', 'made-up') })).status).toBe(403);
  const { invitation } = await owner.must(invite, {
    params: { projectId: project.id },
    body: { email: 'invited@example.com', role: 'freelancer' },
  });
  expect((await send(base, register, { body: visitor('invited', invitation.token) })).status).toBe(201);
  expect(await run(registrationVerb, ['open'])).toEqual(await run(registrationVerb, []));
  expect((await send(base, register, { body: visitor('uninvited') })).status).toBe(201);
});
