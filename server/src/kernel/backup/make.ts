import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { restoredJobs } from '../jobs.ts';
import { findKeyId } from '../keys.ts';
import { ArchiveWriter } from './archive.ts';
import { findMigrations, findTables, quoted } from './catalog.ts';
import { keepFolders } from './folders.ts';
import { archiveFormat, manifestPath, notIncluded, type ArchivedTable, type Manifest } from './manifest.ts';
import { asBackupProblem, BackupProblem } from './problem.ts';

/** As much of a table as is held in memory at a time, in bytes. */
const partBytes = 4 * 1024 ** 2;

/** Jobs wait in a queue that is not ours to describe; this is all of them that must not be forgotten. */
const jobsLayout = { name: restoredJobs, columns: ['id', 'name', 'data', 'start_after'] };
const waitingJobs = `select id, name, data, start_after from pgboss.job where state in ('created', 'retry', 'active')`;

interface Settings {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Where the archive goes; nothing may be there yet. */
  readonly path: string;
  readonly productVersion: string;
}

export interface BackupReport {
  readonly path: string;
  readonly bytes: number;
  readonly manifest: Manifest;
}

/**
 * Writes one archive of the database, as it was at one moment, and of the folders of the data folder, as they were after
 * it: a file without its row is harmless, a row without its file is not. Works beside a running product.
 */
export async function makeBackup({ databaseUrl, dataDir, path, productVersion }: Settings): Promise<BackupReport> {
  if (await stat(path).catch(() => null)) throw new BackupProblem('conflict', `There is already a file ${path}.`);
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  let archive: ArchiveWriter | undefined;
  try {
    await client.connect();
    await mkdir(join(path, '..'), { recursive: true });
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
    await client.query('begin isolation level repeatable read read only');
    const about = { productVersion, ...(await describe(client)) };
    await refuseWithoutKey(client, dataDir);
    archive = new ArchiveWriter(path);
    return await fill(client, archive, dataDir, path, about);
  } catch (error) {
    await archive?.abandon();
    throw asBackupProblem(error, 'write the backup');
  } finally {
    await client.end();
  }
}

type About = Pick<Manifest, 'productVersion' | 'createdAt' | 'postgresVersion' | 'migrations'>;

async function fill(
  client: Client,
  archive: ArchiveWriter,
  dataDir: string,
  path: string,
  about: About,
): Promise<BackupReport> {
  const tables: ArchivedTable[] = [];
  for (const table of await findTables(client)) {
    const source = `public.${quoted(table.name)} (${table.columns.map(quoted).join(', ')})`;
    tables.push({ ...table, rows: await copyRows(client, archive, `database/${table.name}`, source) });
  }
  const jobs = { ...jobsLayout, rows: await copyRows(client, archive, 'jobs', `(${waitingJobs})`) };
  await client.query('commit');
  const folders = await keepFolders(dataDir, archive);
  const manifest: Manifest = {
    format: archiveFormat,
    product: 'SafeSend',
    ...about,
    tables,
    jobs,
    folders,
    notIncluded: [...notIncluded],
    entries: [...archive.entries],
  };
  await archive.addBytes(manifestPath, Buffer.from(JSON.stringify(manifest, null, 2)));
  return { path, bytes: await archive.finish(), manifest };
}

/** The rows of a table in numbered parts, each held in memory for a moment. Answers how many rows there were. */
async function copyRows(client: Client, archive: ArchiveWriter, folder: string, source: string): Promise<number> {
  const rows = client.query(copyTo(`copy ${source} to stdout`));
  let [held, size, part, count] = [[] as Buffer[], 0, 0, 0];
  const flush = async () => {
    if (size > 0) await archive.addBytes(`${folder}/${String(part++).padStart(6, '0')}.copy`, Buffer.concat(held));
    [held, size] = [[], 0];
  };
  for await (const chunk of rows as AsyncIterable<Buffer>) {
    held.push(chunk);
    size += chunk.length;
    for (const byte of chunk) if (byte === 0x0a) count++;
    if (size >= partBytes) await flush();
  }
  await flush();
  return count;
}

async function describe(client: Client): Promise<Omit<About, 'productVersion'>> {
  const migrations = await findMigrations(client);
  if (migrations.length === 0) throw new BackupProblem('failed', 'There is no SafeSend in this database yet.');
  const { rows } = await client.query<{ at: Date; version: string }>(
    `select now() as at, current_setting('server_version') as version`,
  );
  const [row] = rows;
  return { createdAt: (row?.at ?? new Date()).toISOString(), postgresVersion: row?.version ?? '', migrations };
}

/** A database without the key that its answers are sealed with is half a backup, and the wrong folder is easily named. */
async function refuseWithoutKey(client: Client, dataDir: string): Promise<void> {
  const { rows } = await client.query<{ key_id: string }>('select key_id from signing_keys');
  if (rows.length === 0) return;
  const keyId = await findKeyId(dataDir);
  if (rows.some(({ key_id }) => key_id === keyId)) return;
  const reason = `The data folder ${dataDir} does not hold the key of this database.`;
  throw new BackupProblem('failed', `${reason} Point SAFESEND_DATA_DIR at the folder the server uses.`);
}
