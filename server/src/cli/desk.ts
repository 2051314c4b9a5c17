import { text } from 'node:stream/consumers';
import type { Env } from '../kernel/env.ts';
import { findPostgres, startPostgres, type RunningPostgres } from '../kernel/postgres.ts';
import type { Desk } from './verb.ts';

/** The desk of one command. `close` stops the database if this command was the one to start it. */
export function openDesk(env: Env, onProgress: (line: string) => void): Desk & { close(): Promise<void> } {
  let started: RunningPostgres | undefined;
  let url: Promise<string> | undefined;
  const find = async () => {
    if (env.DATABASE_URL) return env.DATABASE_URL;
    const running = await findPostgres(env.dataDir);
    if (running) return running;
    started = await startPostgres({ dataDir: env.dataDir, onProgress });
    return started.url;
  };
  return {
    env,
    databaseUrl: () => (url ??= find()),
    readInput: async () => (await text(process.stdin)).replace(/\r?\n$/, ''),
    close: async () => started?.stop(),
  };
}
