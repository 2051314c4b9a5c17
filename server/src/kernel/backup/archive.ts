import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import type { ArchiveEntry } from './manifest.ts';
import { BackupProblem, codeOf } from './problem.ts';

/** A gzipped tar that gets its name when it is whole and on disk. It holds keys: only its owner may read it. */
export class ArchiveWriter {
  readonly entries: ArchiveEntry[] = [];
  readonly #path: string;
  readonly #draft: string;
  readonly #pack = pack();
  readonly #written: Promise<void>;

  constructor(path: string) {
    this.#path = path;
    this.#draft = `${path}.${process.pid}.part`;
    const file = createWriteStream(this.#draft, { mode: 0o600, flags: 'wx', flush: true });
    this.#written = pipeline(this.#pack, createGzip(), file);
    this.#written.catch(() => undefined);
  }

  async addBytes(path: string, bytes: Buffer): Promise<void> {
    const added = Promise.withResolvers<void>();
    this.#pack.entry({ name: path, mode: 0o600, size: bytes.length }, bytes, settling(added));
    await Promise.race([added.promise, this.#written]);
    this.entries.push({ path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }

  async addFolder(path: string, mode: number): Promise<void> {
    const added = Promise.withResolvers<void>();
    this.#pack.entry({ name: `${path}/`, type: 'directory', mode }, settling(added));
    await Promise.race([added.promise, this.#written]);
  }

  /** As many bytes as the file had when it was opened: one that grows meanwhile is cut there. False when it is gone. */
  async addFile(path: string, source: string): Promise<boolean> {
    const handle = await open(source).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (!handle) return false;
    try {
      const { size, mode } = await handle.stat();
      const sha256 = await this.#addOpen({ name: path, mode: mode & 0o777, size }, handle);
      this.entries.push({ path, size, sha256 });
      return true;
    } finally {
      await handle.close();
    }
  }

  async #addOpen(header: { name: string; mode: number; size: number }, handle: FileHandle): Promise<string> {
    const hash = createHash('sha256');
    const added = Promise.withResolvers<void>();
    added.promise.catch(() => undefined);
    const sink = this.#pack.entry(header, settling(added));
    sink.on('error', added.reject);
    // No range of a stream is empty, so an empty file has none.
    const range = { start: 0, end: header.size - 1, autoClose: false };
    for await (const chunk of header.size === 0 ? [] : handle.createReadStream(range)) {
      hash.update(chunk as Buffer);
      if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), this.#written]);
    }
    sink.end(null);
    await Promise.race([added.promise, this.#written]);
    return hash.digest('hex');
  }

  /** Answers the size of the archive in bytes. */
  async finish(): Promise<number> {
    this.#pack.finalize();
    await this.#written;
    const { size } = await stat(this.#draft);
    await rename(this.#draft, this.#path);
    await syncFolder(dirname(this.#path));
    return size;
  }

  async abandon(): Promise<void> {
    this.#pack.destroy(new Error('abandoned'));
    await this.#written.catch(() => undefined);
    await rm(this.#draft, { force: true });
  }
}

export interface EntryHead {
  readonly path: string;
  readonly isFolder: boolean;
  readonly mode: number;
}

/** Hands every entry to `take`, which reads its body to the end. Answers what the entries were, with their hashes. */
export async function readArchive(
  path: string,
  take: (head: EntryHead, body: AsyncIterable<Buffer>) => Promise<void>,
): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  const [file, gunzip, tar] = [createReadStream(path), createGunzip(), extract()];
  file.once('error', (error) => tar.destroy(error));
  gunzip.once('error', (error) => tar.destroy(error));
  file.pipe(gunzip).pipe(tar);
  try {
    for await (const entry of tar) {
      const { name, type, mode = 0o600 } = entry.header;
      if (type !== 'file' && type !== 'directory') throw damaged(`${name} is neither file nor folder`);
      const head = { path: safePath(name), isFolder: type === 'directory', mode: mode & 0o777 };
      const { body, seal } = hashed(entry);
      await take(head, body);
      if (!head.isFolder) entries.push({ path: head.path, ...seal() });
    }
    return entries;
  } catch (error) {
    throw asReadingProblem(error, path);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

export function damaged(what: string): BackupProblem {
  return new BackupProblem('damaged', `The archive is damaged: ${what}. Nothing was changed.`);
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

function hashed(source: AsyncIterable<unknown>): {
  body: AsyncIterable<Buffer>;
  seal: () => Omit<ArchiveEntry, 'path'>;
} {
  const hash = createHash('sha256');
  let size = 0;
  const body = (async function* () {
    for await (const chunk of source) {
      if (!Buffer.isBuffer(chunk)) throw new Error('a tar entry that is not bytes');
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  })();
  return { body, seal: () => ({ size, sha256: hash.digest('hex') }) };
}

/** An archive is somebody's file: no name in it may lead out of the folder it is unpacked into. */
function safePath(name: string): string {
  const path = name.replace(/\/$/, '');
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(path))
    throw damaged(`it holds the name ${JSON.stringify(name)}`);
  return path;
}

function asReadingProblem(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOENT') return new BackupProblem('missing', `There is no archive ${path}.`);
  if (code === 'EISDIR') return new BackupProblem('missing', `${path} is a folder, not an archive.`);
  if (code === 'EACCES') return new BackupProblem('failed', `The archive ${path} may not be read by this user.`);
  if (code === 'Z_BUF_ERROR') return damaged('it is cut short');
  if (code.startsWith('Z_')) return damaged('it is not a gzip file, or bytes in it were changed');
  const message = error instanceof Error ? error.message : '';
  return /Unexpected end of data|Invalid tar header|Writable stream closed/.test(message)
    ? damaged('it is cut short or not a tar')
    : error;
}

function settling({ resolve, reject }: PromiseWithResolvers<void>): (error?: Error | null) => void {
  return (error) => (error ? reject(error) : resolve());
}
