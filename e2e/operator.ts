import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from './server.ts';

const cli = join(import.meta.dirname, '../server/src/cli.ts');

/** What an operator types. */
async function type({ databaseUrl, dataDir }: Server, ...words: string[]): Promise<void> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, SAFESEND_DATA_DIR: dataDir };
  await promisify(execFile)(process.execPath, [cli, ...words], { env });
}

export const grantAdmin = (server: Server, username: string) => type(server, 'grant-role', username, 'admin');
export const limitRegistration = (server: Server, mode: 'open' | 'invitation-only') =>
  type(server, 'registration', mode);
