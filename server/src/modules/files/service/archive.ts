import { once } from 'node:events';
import { Readable } from 'node:stream';
import { ZipArchive } from 'archiver';
import { Failure } from '@safesend/shared/failure.ts';
import { extensionOf, fileNameOf } from '@safesend/shared/files/limits.ts';
import type { HttpContext } from '../../../kernel/http.ts';
import type { Storage } from '../../../kernel/ports/storage.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { productNow } from '../../../kernel/transact.ts';
import { findSeat } from '../../rooms/access.ts';
import type { ReadableVersion } from '../access.ts';
import { dispositionOf, guarded } from './content.ts';
import { filterParameters, passesFilter, type FileFilter } from './reading.ts';

interface Entry {
  readonly fileId: string;
  readonly version: number;
  readonly name: string;
  readonly createdAt: Date;
  /** The folder it lies in; none where all are of one room. */
  readonly folder: string | null;
}

export interface Archive {
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly madeAt: Date;
}

/** What an archive of the files that a filter lets through would hold for this person, the oldest first. */
export async function findArchive(em: Em, userId: string, filter: FileFilter): Promise<Archive> {
  if (filter.roomId !== undefined) await findSeat(em, filter.roomId, userId);
  const rows = await query<Omit<Entry, 'folder'> & { roomId: string; title: string }>(
    em,
    `select f.id as "fileId", v.version, f.name, v.created_at as "createdAt", r.id as "roomId", r.title
     from files f join file_versions v on v.file_id = f.id and v.version = f.current_version join rooms r on r.id = f.room_id
     where ${passesFilter} order by f.id`,
    filterParameters(userId, filter),
  );
  const folders = foldersOf(rows);
  const title = folders.size === 1 ? rows[0]?.title : undefined;
  return {
    title: title || 'files',
    entries: rows.map((row) => ({ ...row, folder: folders.size > 1 ? (folders.get(row.roomId) ?? null) : null })),
    madeAt: await productNow(em),
  };
}

/** A folder for each room. Conversations of two have no title, and two projects may have the same. */
function foldersOf(rows: readonly { readonly roomId: string; readonly title: string }[]): Map<string, string> {
  const taken = new Set<string>();
  const titles = new Map(rows.map(({ roomId, title }) => [roomId, title]));
  return new Map(
    [...titles].map(([roomId, title]) => [roomId, unique(title === '' ? 'conversation' : fileNameOf(title), taken)]),
  );
}

export async function requireMember(em: Em, roomId: string, userId: string): Promise<void> {
  await findSeat(em, roomId, userId);
}

export interface Archiving {
  readonly storage: Storage;
  /** Asked again for each file when its turn comes, and while it runs. */
  read(fileId: string, version: number): Promise<ReadableVersion>;
  stillMay(): Promise<unknown>;
  /** All of this file is in the archive. */
  packed(version: ReadableVersion): void;
}

/** One ZIP, made while it is sent: at no time is more than a piece of one file in memory. */
export function archiveResponse(c: HttpContext, archive: Archive, archiving: Archiving): Response {
  // What people send each other is compressed as it is; making it smaller would cost more time than it saves.
  const zip = new ZipArchive({ store: true });
  const cut = () => void c.env.outgoing.destroy();
  let now: Entry | undefined;
  const stillMay = async () => {
    await archiving.stillMay();
    if (now) await archiving.read(now.fileId, now.version);
  };
  const stream = guarded(zip, { length: Infinity, stillMay, cut, ended: () => zip.destroy() });
  fill(zip, archive, archiving, (entry) => (now = entry)).catch(cut);
  return c.body(Readable.toWeb(stream) as ReadableStream, 200, {
    'Content-Type': 'application/zip',
    'Cache-Control': 'private, no-store',
    'Content-Disposition': dispositionOf('attachment', `${archive.title}.zip`),
    'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  });
}

async function fill(
  zip: ZipArchive,
  { entries, madeAt }: Archive,
  archiving: Archiving,
  /** Not before it is known to be there: one that is gone is left out, and nobody is cut off for it. */
  goesOut: (entry: Entry) => void,
): Promise<void> {
  const taken = new Set<string>();
  const leftOut: string[] = [];
  for (const entry of entries) {
    const { fileId, version, createdAt } = entry;
    const name = entry.folder === null ? entry.name : `${entry.folder}/${entry.name}`;
    const readable = await readableNow(archiving, fileId, version);
    // A file may be gone; where it is the reader who is gone, what he has is no archive and must not look like one.
    if (!readable) await archiving.stillMay();
    if (!readable || readable.isDamaged) leftOut.push(name);
    else {
      goesOut(entry);
      await pack(zip, await archiving.storage.read(readable.storageKey), unique(name, taken), createdAt);
      archiving.packed(readable);
    }
  }
  // Nobody takes a part for the whole.
  if (leftOut.length > 0)
    await pack(zip, Readable.from([`${leftOut.join('\n')}\n`]), unique('not in this archive.txt', taken), madeAt);
  await zip.finalize();
}

/** Null when it was removed since the list was read. */
async function readableNow({ read }: Archiving, fileId: string, version: number): Promise<ReadableVersion | null> {
  return read(fileId, version).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'missing') return null;
    throw error;
  });
}

async function pack(zip: ZipArchive, source: Readable, name: string, date: Date): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  const closed = once(zip, 'close', { signal }).then(() => Promise.reject(new Error('nobody reads on')));
  const failed = once(source, 'error', { signal }).then(([error]) => Promise.reject(error as Error));
  const packed = once(zip, 'entry', { signal });
  zip.append(source, { name, date, store: true });
  try {
    await Promise.race([packed, closed, failed]);
  } catch (error) {
    source.destroy();
    throw error;
  } finally {
    for (const each of [closed, failed, packed]) each.catch(() => undefined);
    stop.abort();
  }
}

/** Two files of the same name are two files. */
function unique(name: string, taken: Set<string>): string {
  const extension = extensionOf(name);
  const stem = extension === '' ? name : name.slice(0, -extension.length - 1);
  const tail = name.slice(stem.length);
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${stem} (${n})${tail}`;
  taken.add(free.toLowerCase());
  return free;
}
