import { join, resolve } from 'node:path';
import type { Client } from 'pg';
import serverPackage from '../../package.json' with { type: 'json' };
import { makeBackup } from '../kernel/backup/make.ts';
import type { Manifest } from '../kernel/backup/manifest.ts';
import { BackupProblem } from '../kernel/backup/problem.ts';
import { checkArchive, restoreBackup } from '../kernel/backup/restore.ts';
import { findPostgres } from '../kernel/postgres.ts';
import { CliError, exitCodes, type Desk, type Verb } from './verb.ts';

export const backupVerb: Verb = {
  usage: 'backup [<file>]',
  summary: 'write database, files and keys into one archive; the product may go on running',
  run: async (desk, { words: [file] }) =>
    speaking(async () => {
      const path = file === undefined ? defaultPath(desk) : resolve(file);
      const databaseUrl = await desk.databaseUrl();
      const { dataDir } = desk.env;
      const { version: productVersion } = serverPackage;
      const { bytes, manifest } = await makeBackup({ databaseUrl, dataDir, path, productVersion });
      const text = [
        `${path} (${Math.ceil(bytes / 1024)} KB) holds ${described(manifest)}.`,
        `It holds the installation's keys: keep it where only you can read it.`,
        `Not in it: ${manifest.notIncluded.join('; ')}.`,
      ].join('\n');
      return { text, value: { path, bytes, ...summary(manifest) } };
    }),
};

export const restoreVerb: Verb = {
  usage: 'restore <file> [--force] [--sign-out-everyone]',
  summary: 'make an empty instance what an archive says; --force replaces one that is not empty',
  options: { force: { type: 'boolean' }, 'sign-out-everyone': { type: 'boolean' } },
  run: async (desk, { words: [file], options }) =>
    speaking(async () => {
      if (file === undefined) throw new CliError(exitCodes.usage, `Usage: npm run cli -- ${restoreVerb.usage}`);
      const archive = resolve(file);
      // Before a database is started, or even made, for an archive that is none.
      await checkArchive(archive);
      await refuseRunningOwner(desk);
      const { manifest, rooms, facts } = await restoreBackup({
        databaseUrl: await desk.databaseUrl(),
        dataDir: desk.env.dataDir,
        archive,
        force: options['force'] === true,
        beforeCommit: options['sign-out-everyone'] ? signOutEveryone : async () => undefined,
      });
      const text = `Restored ${described(manifest)}: ${facts} facts in ${rooms} rooms, every hash verified. Start SafeSend; open pages recover by themselves.`;
      return { text, value: { archive, rooms, facts, ...summary(manifest) } };
    }),
};

/** For an archive that may have fallen into other hands, or a restore because of a break-in. */
async function signOutEveryone(client: Client): Promise<void> {
  await client.query('delete from sessions');
  await client.query('update api_tokens set revoked_at = product_now() where revoked_at is null');
}

async function refuseRunningOwner({ env }: Desk): Promise<void> {
  if (env.DATABASE_URL !== undefined || (await findPostgres(env.dataDir)) === null) return;
  throw new CliError(exitCodes.conflict, `SafeSend is running on ${env.dataDir}. Stop it, then restore.`);
}

function defaultPath({ env }: Desk): string {
  const at = new Date().toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  return join(env.dataDir, 'backups', `safesend-${at}.tar.gz`);
}

function summary({ createdAt, productVersion, migrations, tables, jobs, folders, notIncluded }: Manifest): object {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { createdAt, productVersion, migrations, rows, jobs: jobs.rows, folders, notIncluded };
}

function described({ createdAt, tables, jobs, folders }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const parts = [`${rows} rows`, `${jobs.rows} waiting jobs`, `the folders ${folders.join(', ') || '(none)'}`];
  return `the database as of ${createdAt} (${parts.slice(0, 2).join(', ')}) and ${parts[2]}`;
}

const codes = {
  missing: exitCodes.notFound,
  conflict: exitCodes.conflict,
  damaged: exitCodes.unhealthy,
  failed: exitCodes.failed,
} as const;

async function speaking<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BackupProblem ? new CliError(codes[error.kind], error.message) : error;
  }
}
