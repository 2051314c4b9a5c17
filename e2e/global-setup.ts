import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../server/src/kernel/postgres.ts';
import { startRedis } from '../server/test/redis.ts';

/** One Postgres and one Redis for all stories; each story's servers get a database of their own. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'safesend-stories-'));
  // Postgres runs as another user when root runs the tests, and must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDir: join(folder, 'data'), onProgress: () => undefined });
  const redis = await startRedis(folder);
  process.env['STORY_POSTGRES_URL'] = postgres.url;
  process.env['STORY_REDIS_URL'] = redis.url;
  return async () => {
    await redis.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
