import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { withMigrationLock } from '../database.ts';
import { installJobs } from '../jobs.ts';
import { makeDataDir } from '../postgres/state.ts';
import { damaged, readArchive } from './archive.ts';
import { findTables, quoted } from './catalog.ts';
import { verifyChains } from './chains.ts';
import { isStaged, sealStaging, settleLocked, stage, stagingOf } from './folders.ts';
import { dropEverything, Loader } from './load.ts';
import { manifestPath, readManifest, type ArchiveEntry, type Manifest } from './manifest.ts';
import { asBackupProblem, BackupProblem } from './problem.ts';

interface Settings {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly archive: string;
  /** Whether an instance that holds something may be replaced. */
  readonly force: boolean;
  /** What else must be true in the restored database, in the same transaction. */
  readonly beforeCommit: (client: Client) => Promise<void>;
}

export interface RestoreReport {
  readonly manifest: Manifest;
  readonly rooms: number;
  readonly facts: number;
}

/** Tables that hold something before anybody did anything. */
const bornFull = new Set(['product_clock', 'signing_keys']);

/** Reads an archive to its end and answers its manifest when it is whole and unchanged. Touches nothing. */
export async function checkArchive(path: string): Promise<Manifest> {
  let json: string | null = null;
  const entries = await readArchive(path, async (head, body) => {
    if (head.path === manifestPath) json = (await buffer(body)).toString();
    else for await (const _chunk of body);
  });
  if (json === null) throw damaged('it has no manifest, so it was never finished or is cut short');
  const manifest = readManifest(json);
  refuseOther(manifest.entries, entries);
  return manifest;
}

/**
 * Makes an instance what the archive says, all or nothing: the database changes in one transaction, and the folders wait
 * beside the data folder's own until it has committed. Every room is in a new epoch, which tells each client that comes
 * back to take its view afresh. A product of the same archive's or a later version reads it.
 */
export async function restoreBackup(settings: Settings): Promise<RestoreReport> {
  const manifest = await checkArchive(settings.archive);
  const { databaseUrl, dataDir } = settings;
  let report: RestoreReport | undefined;
  try {
    await makeDataDir(dataDir);
    await withMigrationLock(databaseUrl, async (client) => {
      await client.query(`set statement_timeout = 0; set idle_in_transaction_session_timeout = 0`);
      await refuseRunning(client);
      if (!settings.force) await refuseFull(client);
      report = await replace(client, settings, manifest);
      await settleLocked(dataDir, client);
      await installJobs(databaseUrl);
    });
  } catch (error) {
    throw asBackupProblem(error, 'restore the backup');
  }
  if (!report) throw new Error('the restore ended without a report');
  return report;
}

async function replace(client: Client, settings: Settings, manifest: Manifest): Promise<RestoreReport> {
  const { dataDir, databaseUrl } = settings;
  const id = randomUUID();
  await settleLeftovers(client, dataDir);
  await mkdir(stagingOf(dataDir), { mode: 0o700 });
  try {
    await client.query(`begin; set local lock_timeout = '10s'`);
    await dropEverything(client);
    const loader = new Loader(client, databaseUrl, manifest);
    await loader.begin();
    await unpack(settings, manifest, loader);
    await loader.end();
    const { facts, broken } = await verifyChains(client);
    if (broken !== null)
      throw new BackupProblem('damaged', `The log in the archive does not verify: ${broken}. Nothing was changed.`);
    const rooms = await renewEpochs(client);
    await settings.beforeCommit(client);
    await remember(client, id, manifest);
    await sealStaging(dataDir, { id, folders: manifest.folders });
    await commit(client);
    return { manifest, rooms, facts };
  } catch (error) {
    if (!(error instanceof UncertainCommit)) await rm(stagingOf(dataDir), { recursive: true, force: true });
    throw error instanceof UncertainCommit ? new BackupProblem('failed', error.message) : error;
  }
}

async function unpack({ archive, dataDir }: Settings, manifest: Manifest, loader: Loader): Promise<void> {
  const entries = await readArchive(archive, async (head, body) => {
    if (isStaged(head.path)) return stage(dataDir, head, body);
    if (head.path !== manifestPath) return loader.take(head.path, body);
    for await (const _chunk of body);
  });
  // It was read before, but a file may change while somebody looks at it.
  refuseOther(manifest.entries, entries);
}

/** Once COMMIT was sent nobody knows whether it happened until the database says so. */
class UncertainCommit extends Error {}

async function commit(client: Client): Promise<void> {
  try {
    await client.query('commit');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UncertainCommit(
      `The database went away while the restore was committed (${reason}). The next start finds out and finishes it, or leaves everything as it was.`,
    );
  }
}

/** An earlier restore that was killed is ended first, one way or the other. */
async function settleLeftovers(client: Client, dataDir: string): Promise<void> {
  const { rows } = await client.query<{ is: string | null }>(`select to_regclass('public.operator_settings') as is`);
  if (rows[0]?.is) await settleLocked(dataDir, client);
  else await rm(stagingOf(dataDir), { recursive: true, force: true });
}

/** Every process of the product keeps a connection for its heartbeat. One that just ended needs a moment to be gone. */
async function refuseRunning(client: Client): Promise<void> {
  for (let waited = 0; ; waited += 100) {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and usename = current_user and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    const count = rows[0]?.count ?? 0;
    if (count === 0) return;
    if (waited >= 2_000) {
      const reason = `Something is still connected to this database (${count} ${count === 1 ? 'connection' : 'connections'}).`;
      throw new BackupProblem('conflict', `${reason} Stop SafeSend, every process of it, then restore.`);
    }
    await pause(100);
  }
}

async function refuseFull(client: Client): Promise<void> {
  for (const { name } of await findTables(client)) {
    if (bornFull.has(name)) continue;
    const { rowCount } = await client.query(`select from public.${quoted(name)} limit 1`);
    if (rowCount === 0) continue;
    const reason = `This instance is not empty (its table ${name} has rows).`;
    throw new BackupProblem('conflict', `${reason} Restore into an empty one, or replace it with --force.`);
  }
}

async function renewEpochs(client: Client): Promise<number> {
  const { rowCount } = await client.query(`update room_heads set epoch = replace(gen_random_uuid()::text, '-', '')`);
  return rowCount ?? 0;
}

async function remember(client: Client, id: string, { createdAt, productVersion }: Manifest): Promise<void> {
  const value = { id, at: new Date().toISOString(), archive: { createdAt, productVersion } };
  await client.query(
    `insert into operator_settings (name, value) values ('restored', $1) on conflict (name) do update set value = excluded.value`,
    [JSON.stringify(value)],
  );
}

function refuseOther(promised: readonly ArchiveEntry[], found: readonly ArchiveEntry[]): void {
  const left = new Map(promised.map((entry) => [entry.path, entry]));
  for (const { path, size, sha256 } of found) {
    if (path === manifestPath) continue;
    const entry = left.get(path);
    if (!entry) throw damaged(`${path} is not in its manifest, or is there twice`);
    if (entry.size !== size || entry.sha256 !== sha256) throw damaged(`${path} is not what its manifest says`);
    left.delete(path);
  }
  const [missing] = left.keys();
  if (missing !== undefined) throw damaged(`${missing} is missing`);
}
