import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../src/kernel/database.ts';
import { startPostgres } from '../src/kernel/postgres.ts';
import { freePort } from '../src/kernel/postgres/cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres whose database `safesend_template` is migrated: `create database mine template safesend_template`. */
    postgresUrl: string;
    redisUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'safesend-test-'));
  // Postgres runs as another user when root runs the tests, and must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDir: join(folder, 'data'), onProgress: () => undefined });
  const redis = await startRedis(folder);
  await makeTemplate(postgres.url);
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  return async () => {
    await redis.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function makeTemplate(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('create database safesend_template');
  await client.end();
  await migrate(Object.assign(new URL(url), { pathname: '/safesend_template' }).href);
}

// Redis ends with the shell's input, which closes however this process dies.
const redisWithKeeper = 'redis-server "$@" & server=$!; cat >/dev/null; kill "$server"; wait "$server"';

async function startRedis(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const keeper = spawn('/bin/sh', ['-c', redisWithKeeper, 'sh', ...flags], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await listening(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const gone = once(keeper, 'exit');
      keeper.stdin.end();
      await gone;
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const socket = connect(port, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await pause(50);
  }
  throw new Error('redis-server did not start: install it, or set REDIS_URL');
}
