import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
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
  const database = join(import.meta.dirname, '../src/kernel/database.ts');
  if (!existsSync(database)) return;
  const { migrate }: { migrate: (url: string) => Promise<void> } = await import(database);
  await migrate(Object.assign(new URL(url), { pathname: '/safesend_template' }).href);
}

async function startRedis(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  server.once('error', () => undefined);
  process.once('exit', () => server.kill('SIGKILL'));
  await listening(server, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  while (server.pid !== undefined && server.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      pause(1000, false, { ref: false }),
    ]);
    socket.destroy();
    if (answered) return;
    await pause(20);
  }
  throw new Error('redis-server did not start: install it, or set REDIS_URL');
}
