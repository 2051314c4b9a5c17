import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StartupError } from '../startup.ts';
import { giveTo, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { commandOf, isRunning } from './lock.ts';

export const superuser = 'safesend';

export interface Cluster {
  readonly home: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly password: string;
}

// Postgres inherits nothing: a stray PGDATA or LC_ALL of the shell must not change what it does.
const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export function folderOf(home: string): string {
  return join(home, 'postgres');
}

export function logOf(home: string): string {
  return join(home, 'postgres.log');
}

/** Made aside and renamed when whole: a cluster folder that exists is a cluster that works. */
export async function initialise({ home, binaries, account, password }: Cluster): Promise<void> {
  const draft = `${folderOf(home)}.new`;
  const passwordFile = join(home, 'postgres.pw');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await giveTo(draft, account);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(passwordFile, account);
  try {
    const { status, stderr, error } = spawnSync(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        // Order stays bytewise and never changes with the system's libraries; upper and lower case know all of Unicode.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...account, cwd: '/', env: environment, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
    );
    if (status !== 0) throw refusal('make its database', home, error?.message ?? stderr);
    await rename(draft, folderOf(home));
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** In a process group of its own, so that Ctrl-C reaches the server first and Postgres is stopped after the last query. */
export function launch({ home, binaries, account }: Cluster, port: number): ChildProcess {
  const log = openSync(logOf(home), 'w', 0o600);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    max_connections: '200',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Rooms that are written to, and the index pages behind them, stay in memory; log files are used again instead of made
    // anew; and no page is logged whole twice within a quarter of an hour unless two gigabytes were written in between.
    shared_buffers: '256MB',
    min_wal_size: '256MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    // Statements here are short: to compile one costs more than to run it.
    jit: 'off',
    timezone: 'UTC',
    log_checkpoints: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  try {
    return spawn(binaries.postgres, ['-D', folderOf(home), ...flags], {
      ...account,
      cwd: '/',
      env: environment,
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

/**
 * A shell that waits for our end of its pipe to close, which happens however this process dies, and then stops the
 * Postgres it was made for if that is still there.
 */
export function watchOver({ home, account }: Cluster, pid: number): ChildProcess {
  const script =
    'cat >/dev/null; read -r pid 2>/dev/null <"$1/postmaster.pid" && [ "$pid" = "$2" ] && kill -INT "$pid"';
  const watch = spawn('/bin/sh', ['-c', script, 'safesend-watch', folderOf(home), String(pid)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watch.stdin?.on('error', () => undefined);
  return watch;
}

/** Ends a Postgres that outlived its server, and clears away the pid file of one that did not. */
export async function endOrphan(home: string): Promise<void> {
  const pidFile = join(folderOf(home), 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) return;
  // After a reboot the number may belong to anybody.
  const isOurs = () => isRunning(pid) && commandOf(pid).includes(folderOf(home));
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isOurs()) break;
    process.kill(pid, signal);
    for (let waited = 0; waited < 10_000 && isOurs(); waited += 50) await pause(50);
  }
  await rm(pidFile, { force: true });
}

/** Below the range the system hands out by itself, so that nobody's outgoing connection is sitting on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const isFree = await new Promise<boolean>((settle) => {
      const probe = createServer();
      probe.once('error', () => settle(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => settle(true)));
    });
    if (isFree) return port;
  }
}

export async function prepareLog({ home, account }: Cluster): Promise<void> {
  await writeFile(logOf(home), '', { flag: 'a', mode: 0o600 });
  await chmod(logOf(home), 0o600);
  await giveTo(logOf(home), account);
}

export function exists(home: string): boolean {
  return existsSync(join(folderOf(home), 'PG_VERSION'));
}

export function refusal(doing: string, where: string, output: string): StartupError {
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return new StartupError(
      `The disk is full: SafeSend could not ${doing} in ${where}. Free some space and start again.`,
    );
  }
  const lines = output
    .trim()
    .split('\n')
    .filter((line) => /FATAL|PANIC|ERROR|error:/.test(line));
  const reason =
    lines.at(-1)?.replace(/^.*?(FATAL|PANIC|ERROR|error):\s*/, '') ?? output.trim().split('\n').at(-1) ?? '';
  return new StartupError(`SafeSend could not ${doing} in ${where}: ${reason || 'Postgres gave no reason'}.`);
}
