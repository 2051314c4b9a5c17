import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { childEnv } from '../test/child-env.ts';
import { exitCodes } from './cli/verb.ts';

async function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'cli.ts'), ...args], {
    env: { ...childEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: Number(code) };
}

async function emptyDatabase(): Promise<string> {
  const name = `cli_${crypto.randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href;
}

test('without a verb it lists the verbs and the exit codes', async () => {
  const { out, code } = await cli([]);
  expect(code).toBe(exitCodes.done);
  expect(out).toMatch(/doctor[^]*migrate \[--dry-run\][^]*Exit codes/);
});

test.each([
  ['an unknown verb', ['fly'], /There is no verb "fly"/],
  ['an unknown option', ['migrate', '--fast'], /Usage: npm run cli -- migrate/],
])('%s is wrong usage', async (_what, args, complaint) => {
  const { err, code } = await cli(args);
  expect(code).toBe(exitCodes.usage);
  expect(err).toMatch(complaint);
});

test('a refused environment is one sentence, in JSON when asked', async () => {
  const { out, code } = await cli(['migrate', '--json'], { PORT: 'often' });
  expect(code).toBe(exitCodes.failed);
  expect(JSON.parse(out)).toEqual({ error: expect.stringMatching(/^The environment is refused: PORT/), exitCode: 1 });
});

test('V06 migrate shows what it would do, does it, and has nothing left to do', async () => {
  const env = { DATABASE_URL: await emptyDatabase() };
  const planned: { pending: string[] } = JSON.parse((await cli(['migrate', '--dry-run', '--json'], env)).out);
  expect(planned.pending.length).toBeGreaterThan(0);
  expect(JSON.parse((await cli(['migrate', '--json'], env)).out)).toEqual({ applied: planned.pending });
  expect((await cli(['migrate'], env)).out).toBe('The database is up to date.\n');
});

test('doctor names what is broken and fails', async () => {
  const env = { DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };
  const { out, code } = await cli(['doctor'], env);
  expect(code).toBe(exitCodes.unhealthy);
  expect(out).toMatch(/FAIL {2}database .*ECONNREFUSED[^]*FAIL {2}redis .*ECONNREFUSED/);
});
