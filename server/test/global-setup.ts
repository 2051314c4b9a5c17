import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../src/kernel/database.ts';
import { startPostgres } from '../src/kernel/postgres.ts';
import { startRedis } from './redis.ts';

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
