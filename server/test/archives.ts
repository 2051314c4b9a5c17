import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll } from 'vitest';
import { ArchiveWriter, readArchive } from '../src/kernel/backup/archive.ts';
import { makeBackup } from '../src/kernel/backup/make.ts';
import { manifestPath, type Manifest } from '../src/kernel/backup/manifest.ts';
import { restoreBackup, type RestoreReport } from '../src/kernel/backup/restore.ts';
import { createDatabase } from './harness.ts';

/** Where an instance lives. */
export interface Place {
  readonly databaseUrl: string;
  readonly dataDir: string;
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** It goes when the tests of its file are done. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'safesend-archive-'));
  folders.push(folder);
  return folder;
}

export async function newPlace(): Promise<Place> {
  return { databaseUrl: await createDatabase(), dataDir: await newFolder() };
}

export async function archiveOf({ databaseUrl, dataDir }: Place): Promise<string> {
  const path = join(await newFolder(), 'backup.tar.gz');
  await makeBackup({ databaseUrl, dataDir, path, productVersion: '0.1.0' });
  return path;
}

export async function restoreInto(
  { databaseUrl, dataDir }: Place,
  archive: string,
  more: { force?: boolean; beforeCommit?: (client: pg.Client) => Promise<void> } = {},
): Promise<RestoreReport> {
  const settings = { force: false, beforeCommit: async () => undefined, ...more };
  return restoreBackup({ databaseUrl, dataDir, archive, ...settings });
}

export async function rowsOf<Row extends object>({ databaseUrl }: Pick<Place, 'databaseUrl'>, text: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Everything an instance is: the rows of every table, and every file of its data folder. */
export async function contentOf(place: Place): Promise<unknown> {
  const tables = await rowsOf<{ name: string }>(
    place,
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p' order by 1`,
  );
  // In one statement: a connection for each of so many tables takes longer than what is tested.
  const parts = tables.map(({ name }) => `select '${name}' as name, to_jsonb(t) as row from public.${name} t`);
  const rows = await rowsOf(place, `select * from (${parts.join(' union all ')}) as it order by name, row::text`);
  const names = (await readdir(place.dataDir, { recursive: true, withFileTypes: true })).filter((it) => it.isFile());
  const files: Record<string, string> = {};
  for (const { parentPath, name } of names)
    files[join(parentPath, name)] = (await readFile(join(parentPath, name))).toString('base64');
  return { rows, files };
}

interface Changes {
  readonly manifest?: (manifest: Manifest) => object;
  /** What becomes of an entry; null leaves it out. */
  readonly entry?: (path: string, bytes: Buffer) => Buffer | null;
  /** Whether the manifest is made to agree with the changed entries. */
  readonly honest?: boolean;
}

/** The same archive with something changed, by somebody who can repack it. */
export async function repacked(archive: string, { manifest, entry, honest = false }: Changes): Promise<string> {
  const path = join(await newFolder(), 'changed.tar.gz');
  const writer = new ArchiveWriter(path);
  let kept: Manifest | undefined;
  await readArchive(archive, async (head, body) => {
    const bytes = await buffer(body);
    if (head.isFolder) return writer.addFolder(head.path, head.mode);
    if (head.path === manifestPath) return void (kept = JSON.parse(bytes.toString()) as Manifest);
    const changed = entry ? entry(head.path, bytes) : bytes;
    if (changed) await writer.addBytes(head.path, changed);
  });
  if (!kept) throw new Error('no manifest');
  const told = honest ? { ...kept, entries: [...writer.entries] } : kept;
  await writer.addBytes(manifestPath, Buffer.from(JSON.stringify(manifest ? manifest(told) : told)));
  await writer.finish();
  return path;
}
