import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@safesend/shared/failure.ts';
import { synced } from '../../../kernel/ports/storage.ts';

/** The staging folder: one file per upload, named by its id. */
export function stagedPath(staging: string, uploadId: string): string {
  return join(staging, uploadId);
}

/** Another name beside it, of whoever asks alone. A process that dies may leave something under it. */
function ownName(path: string): string {
  return `${path}.${randomUUID()}`;
}

const names = /^([0-9a-f-]{36})(?:\.[0-9a-f-]{36})?$/;
/** Null: this is nothing of ours. */
export function uploadOf(name: string): string | null {
  return names.exec(name)?.[1] ?? null;
}

/** All that lies here of an upload, under whichever name. */
export async function removeStaged(staging: string, uploadId: string): Promise<void> {
  const names = (await readdir(staging)).filter((name) => uploadOf(name) === uploadId);
  for (const name of names) await rm(join(staging, name), { force: true });
}

/**
 * What has arrived, as a file that nobody has open: who wrote to the one before writes to nothing from now on. `mayStill` is
 * asked last, so that somebody who stood still over it does not put an old state in the place of a newer one.
 */
export async function setApart(staging: string, uploadId: string, mayStill: () => void): Promise<void> {
  const path = stagedPath(staging, uploadId);
  const copy = ownName(path);
  try {
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    await synced(copy);
    mayStill();
    await rename(copy, path);
    await synced(staging);
  } catch (error) {
    await rm(copy, { force: true });
    if (!isMissing(error)) throw isFull(error) ? full() : error;
  }
}

/** The same bytes under a name that means them until the end of `work`, whatever becomes of the staged file's meanwhile. */
export async function withOwnName<Result>(path: string, work: (own: string) => Promise<Result>): Promise<Result> {
  const own = ownName(path);
  try {
    await link(path, own).catch((error: unknown) => {
      // Not every file system has second names.
      if (isMissing(error)) throw error;
      return copyFile(path, own, constants.COPYFILE_FICLONE);
    });
    return await work(own);
  } finally {
    await rm(own, { force: true });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

export function isFull(error: unknown): boolean {
  return codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';
}

export function full(): Failure {
  return new Failure(
    'unavailable',
    'There is no room left on this server. What has arrived is kept; try again later.',
    {
      retryAfterSeconds: 60,
    },
  );
}
