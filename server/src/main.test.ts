import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'safesend-main-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

async function start(env: NodeJS.ProcessEnv) {
  const main = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'development', SAFESEND_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [complaint, [code]] = await Promise.all([text(main.stderr), once(main, 'exit')]);
  return { complaint, code: Number(code) };
}

function databaseNamed(name: string, changes: Partial<URL> = {}): string {
  return Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}`, ...changes }).href;
}

test('a taken port ends the start with one sentence', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as AddressInfo;
  const { complaint, code } = await start({ PORT: String(port), DATABASE_URL: databaseNamed('safesend') });
  squatter.close();
  expect(code).toBe(1);
  expect(complaint).toMatch(new RegExp(`^Port ${port} is taken[^\\n]*\\n$`));
});

test.each([
  ['nobody listens there', { port: '1' }],
  ['the password is wrong', { password: 'wrong' }],
  ['the database does not exist', { pathname: '/nowhere' }],
])('a DATABASE_URL where %s ends the start with one sentence', async (_what, changes) => {
  const { complaint, code } = await start({ PORT: '0', DATABASE_URL: databaseNamed('safesend', changes) });
  expect(code).toBe(1);
  expect(complaint).toMatch(/^[^\n]*DATABASE_URL[^\n]*\.\n$/);
  expect(complaint).not.toContain(new URL(inject('postgresUrl')).password);
});

test('V03 a refused environment ends the start and names every variable', async () => {
  const { complaint, code } = await start({ NODE_ENV: 'production', SAFESEND_TEST_CLOCK: '1' });
  expect(code).toBe(1);
  expect(complaint).toMatch(/SAFESEND_TEST_CLOCK[^]*DATABASE_URL[^]*PUBLIC_URL/);
  expect(complaint).not.toContain('    at ');
});
