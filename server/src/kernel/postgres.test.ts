import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findPostgres, startPostgres, type RunningPostgres } from './postgres.ts';
import { postgresAccount } from './postgres/account.ts';
import { installedFolder, usableBinaries } from './postgres/binaries.ts';
import { isRunning } from './postgres/lock.ts';
import { readState } from './postgres/state.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
let dataDir: string;
const children: ChildProcess[] = [];
const running: RunningPostgres[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safesend-postgres-'));
  await chmod(folder, 0o755);
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  const home = (await readState(dataDir))?.home;
  if (home?.startsWith('/var/lib/safesend-')) await rm(home, { recursive: true });
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, onProgress: () => undefined });
  running.push(postgres);
  return postgres;
}

async function ask(url: string, ...statements: string[]): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const answers: unknown[] = [];
  for (const statement of statements) answers.push(Object.values((await client.query(statement)).rows[0] ?? {})[0]);
  await client.end();
  return answers;
}

async function startOwner(): Promise<{ owner: ChildProcess; url: string }> {
  const script = join(import.meta.dirname, '../../test/postgres-owner.ts');
  const owner = spawn(process.execPath, [script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(owner);
  const [line]: string[] = await once(createInterface(owner.stdout), 'line');
  return { owner, url: line?.replace('ready ', '') ?? '' };
}

async function postmasterPid(): Promise<number> {
  const home = (await readState(dataDir))?.home ?? '';
  return Number.parseInt(await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

function postmastersOf(home: string): string[] {
  const commands = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return commands.filter((command) => command.includes(`-D ${home}/`));
}

async function kill(owner: ChildProcess): Promise<void> {
  const gone = once(owner, 'exit');
  owner.kill('SIGKILL');
  await gone;
}

test('G1 the embedded database flushes before it answers', async () => {
  const { url } = await start();
  const settings = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'max_connections',
    'server_encoding',
    'data_checksums',
  ];
  expect(await ask(url, ...settings.map((name) => `show ${name}`))).toEqual(['on', 'on', 'on', '200', 'UTF8', 'on']);
  expect(await ask(url, "select lower('ÉÑ')")).toEqual(['éñ']);
});

test('what was stored is there after a stop and a second start', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 42 as n');
  expect(await findPostgres(dataDir)).toBe(first.url);
  await first.stop();
  expect(await findPostgres(dataDir)).toBeNull();
  expect(await ask((await start()).url, 'select n from kept')).toEqual([42]);
});

test('the password is for its owner alone', async () => {
  const { url } = await start();
  expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
  const wrong = Object.assign(new URL(url), { password: 'wrong' }).href;
  await expect(ask(wrong, 'select 1')).rejects.toThrow(/password/);
});

test('a second start on the same data folder is one clear sentence', async () => {
  await start();
  await expect(start()).rejects.toThrow(/^SafeSend is already running on the data folder .*\(process \d+\)\..*$/);
});

test('kill -9 of its owner ends Postgres too, and the next start has everything', async () => {
  const { owner, url } = await startOwner();
  await ask(url, 'create table kept as select 42 as n');
  const pid = await postmasterPid();
  await kill(owner);
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5000);
  expect(await ask((await start()).url, 'select n from kept')).toEqual([42]);
});

test('kill -9 of everything at once: the next start recovers', async () => {
  const { owner, url } = await startOwner();
  await ask(url, 'create table kept as select 42 as n');
  process.kill(await postmasterPid(), 'SIGKILL');
  await kill(owner);
  expect(await ask((await start()).url, 'select n from kept')).toEqual([42]);
});

test('a Postgres that is killed alone comes back on the same address', async () => {
  const { url } = await start();
  process.kill(await postmasterPid(), 'SIGKILL');
  await vi.waitFor(async () => expect(await ask(url, 'select 1')).toEqual([1]), 20_000);
});

test('a stop while Postgres is being started again leaves none behind', async () => {
  let startsAgain = () => {};
  const again = new Promise<void>((settle) => (startsAgain = settle));
  const onProgress = (line: string) => {
    if (line.includes('starting it again')) startsAgain();
  };
  const postgres = await startPostgres({ dataDir, onProgress });
  running.push(postgres);
  process.kill(await postmasterPid(), 'SIGKILL');
  await again;
  await postgres.stop();
  expect(postmastersOf((await readState(dataDir))?.home ?? '')).toEqual([]);
});

test('a first start that was killed half way leaves nothing in the way', async () => {
  await mkdir(join(dataDir, 'postgres.new'), { recursive: true });
  await writeFile(join(dataDir, 'postgres.new', 'PG_VERSION'), '18');
  expect(await ask((await start()).url, 'select 1')).toEqual([1]);
  expect(existsSync(join(dataDir, 'postgres.new'))).toBe(false);
});

test('a lock file with a number that now belongs to somebody else does not stop a start', async () => {
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'postgres.lock'), JSON.stringify({ pid: process.pid, bornAt: 'long ago' }));
  expect(await ask((await start()).url, 'select 1')).toEqual([1]);
});

test.runIf(isRoot)(
  'as root under a folder nobody else may enter, the cluster lives where Postgres can reach it',
  async () => {
    await chmod(folder, 0o700);
    const first = await start();
    await ask(first.url, 'create table kept as select 42 as n');
    expect((await readState(dataDir))?.home).toMatch(/^\/var\/lib\/safesend-/);
    await first.stop();
    expect(await ask((await start()).url, 'select n from kept')).toEqual([42]);
  },
);

test.runIf(isRoot)('as root with binaries nobody else may reach, a copy of them is run', async () => {
  const locked = join(folder, 'locked');
  await mkdir(locked, { mode: 0o700 });
  await cp(dirname(installedFolder()), join(locked, 'package'), { recursive: true, verbatimSymlinks: true });
  const home = join(folder, 'home');
  await mkdir(home);
  const found = await usableBinaries(join(locked, 'package', 'native'), postgresAccount(), home);
  expect(found.postgres).toMatch(new RegExp(`^${home}/native-`));
});
