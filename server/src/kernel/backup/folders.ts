import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { z } from 'zod';
import { withMigrationLock } from '../database.ts';
import { syncFolder, type ArchiveWriter, type EntryHead } from './archive.ts';
import { codeOf } from './problem.ts';

const prefix = 'data/';
/** The database has its own part of an archive, and archives are not archived. */
const leftOut = /^(postgres|native-|backups$|restoring$)/;

/** Every folder of the data folder is kept, so that none can be forgotten. Single files beside them say what runs now. */
export async function keepFolders(dataDir: string, archive: ArchiveWriter): Promise<string[]> {
  const entries = await readdir(dataDir, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((it) => it.isDirectory() && !leftOut.test(it.name) && !it.name.startsWith('.'));
  const names = folders.map(({ name }) => name).sort();
  for (const name of names) await keepFolder(join(dataDir, name), prefix + name, archive);
  return names;
}

async function keepFolder(folder: string, path: string, archive: ArchiveWriter): Promise<void> {
  await archive.addFolder(path, (await stat(folder)).mode & 0o777);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inside = { source: join(folder, entry.name), path: `${path}/${entry.name}` };
    if (entry.isDirectory()) await keepFolder(inside.source, inside.path, archive);
    // One that went away since it was listed was not needed by what the database said before.
    else if (entry.isFile()) await archive.addFile(inside.path, inside.source);
  }
}

const markSchema = z.object({ id: z.uuid(), folders: z.array(z.string()) });
type Mark = z.infer<typeof markSchema>;

/** Where the folders of an archive wait until the database has committed. */
export function stagingOf(dataDir: string): string {
  return join(dataDir, 'restoring');
}

export async function stage(dataDir: string, { path, isFolder, mode }: EntryHead, body: AsyncIterable<Buffer>) {
  const target = join(stagingOf(dataDir), path);
  if (isFolder) return void (await mkdir(target, { recursive: true, mode }));
  await mkdir(dirname(target), { recursive: true });
  await pipeline(body, createWriteStream(target, { mode, flags: 'wx', flush: true }));
}

export function isStaged(path: string): boolean {
  return path.startsWith(prefix);
}

/** From here on the commit of the database decides which folders count. */
export async function sealStaging(dataDir: string, mark: Mark): Promise<void> {
  await writeFile(markOf(dataDir), JSON.stringify(mark), { mode: 0o600, flush: true });
  await syncFolder(stagingOf(dataDir));
}

/**
 * Ends what a killed restore left in the data folder: when its database was committed its folders take their places,
 * otherwise they are thrown away. Every start of the product calls this before it reads a key.
 */
export async function settleFolders(dataDir: string, databaseUrl: string): Promise<void> {
  if (!(await stat(stagingOf(dataDir)).catch(() => null))) return;
  // A restore that is running now holds this lock until it is done.
  await withMigrationLock(databaseUrl, (client) => settleLocked(dataDir, client));
}

export async function settleLocked(dataDir: string, client: Client): Promise<void> {
  const mark = await readMark(dataDir);
  if (mark && (await lastRestore(client)) === mark.id) await putInPlace(dataDir, mark.folders);
  await rm(stagingOf(dataDir), { recursive: true, force: true });
}

async function putInPlace(dataDir: string, folders: readonly string[]): Promise<void> {
  const replaced = join(stagingOf(dataDir), 'replaced');
  await mkdir(replaced, { recursive: true });
  for (const folder of folders) {
    const waiting = join(stagingOf(dataDir), prefix, folder);
    if (!(await stat(waiting).catch(() => null))) continue;
    await rename(join(dataDir, folder), join(replaced, folder)).catch(unlessMissing);
    await rename(waiting, join(dataDir, folder));
  }
  await syncFolder(dataDir);
}

async function readMark(dataDir: string): Promise<Mark | null> {
  const content = await readFile(markOf(dataDir), 'utf8').catch(unlessMissing);
  return content === undefined ? null : markSchema.parse(JSON.parse(content));
}

async function lastRestore(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ id: string | null }>(
    `select value->>'id' as id from operator_settings where name = 'restored'`,
  );
  return rows[0]?.id ?? null;
}

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function markOf(dataDir: string): string {
  return join(stagingOf(dataDir), 'restore.json');
}
