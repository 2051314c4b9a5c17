import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { childEnv } from '../test/child-env.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'safesend-main-'));
  // Root's database runs as somebody else, who must reach it there.
  await chmod(dataDir, 0o755);
});
afterAll(() => rm(dataDir, { recursive: true }));

async function start(env: NodeJS.ProcessEnv) {
  const main = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...childEnv, NODE_ENV: 'development', SAFESEND_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complaint, [code]] = await Promise.all([text(main.stdout), text(main.stderr), once(main, 'exit')]);
  return { said, complaint, code: Number(code) };
}

function databaseNamed(name: string, changes: Partial<URL> = {}): string {
  return Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}`, ...changes }).href;
}

test.each([
  ['its own database', undefined],
  ['a database it was given', () => databaseNamed('safesend')],
])(
  'a taken port ends the start on %s with one sentence',
  async (_what, database) => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const { said, complaint, code } = await start({ PORT: String(port), DATABASE_URL: database?.() });
    squatter.close();
    expect(code).toBe(1);
    expect(complaint).toMatch(new RegExp(`^Port ${port} is taken[^\\n]*\\n$`));
    expect(said, 'nothing of what then closes is worth a warning').not.toContain('"level"');
  },
  60_000,
);

test.each([
  ['nobody listens there', { port: '1' }],
  ['the password is wrong', { password: 'wrong' }],
  ['the database does not exist', { pathname: '/nowhere' }],
])('a DATABASE_URL where %s ends the start with one sentence', async (_what, changes) => {
  const DATABASE_URL = databaseNamed('safesend', changes);
  const { complaint, code } = await start({ PORT: '0', DATABASE_URL, DATABASE_WAIT_SECONDS: '1' });
  expect(code).toBe(1);
  expect(complaint).toMatch(/^[^\n]*DATABASE_URL[^\n]*\.\n$/);
  expect(complaint).not.toContain(new URL(inject('postgresUrl')).password);
});

test('T-F9 a start says that it waits for its database, and for how long it did', async () => {
  const DATABASE_URL = databaseNamed('safesend', { port: '1' });
  const { said, complaint } = await start({ PORT: '0', DATABASE_URL, DATABASE_WAIT_SECONDS: '2' });
  expect(said).toBe('The database does not answer: connect ECONNREFUSED 127.0.0.1:1. Trying for 2 s.\n');
  expect(complaint).toBe(
    'The database does not answer for 2 s: connect ECONNREFUSED 127.0.0.1:1. Check DATABASE_URL.\n',
  );
});

test('V03 a refused environment ends the start and names every variable', async () => {
  const { complaint, code } = await start({
    NODE_ENV: 'production',
    SAFESEND_TEST_CLOCK: '1',
    TRUST_PROXY: 'everybody',
  });
  expect(code).toBe(1);
  expect(complaint).toMatch(/^The environment is refused: SAFESEND_TEST_CLOCK .*; TRUST_PROXY .*\.\n$/);
  expect(complaint).not.toContain('    at ');
});
