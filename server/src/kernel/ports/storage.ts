import { createReadStream } from 'node:fs';
import { access, constants, copyFile, link, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Failure } from '@safesend/shared/failure.ts';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { S3Driver } from 'flydrive/drivers/s3';
import type { Env } from '../env.ts';

/** Bytes by key. A key is written once and never changed; what was put is durable. Fails as `unavailable` while the store is away. */
export interface Storage {
  put(key: string, source: string): Promise<void>;
  /** The bytes from `start` to `end`, both included; all without a range. */
  read(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** Bytes; null when there is nothing under this key. */
  size(key: string): Promise<number | null>;
  /** Nothing happens when nothing is there. */
  remove(key: string): Promise<void>;
  /** Does the store answer, and would it take something? */
  isThere(): Promise<boolean>;
}

type Settings = Pick<Env, 'dataDir' | 'STORAGE_DRIVER'> & Partial<Env>;

export function openStorage(env: Settings): Storage {
  return env.STORAGE_DRIVER === 's3' ? openS3(env) : openFolder(join(env.dataDir, 'files'));
}

function openFolder(root: string): Storage {
  const disk = new Disk(new FSDriver({ location: root, visibility: 'private' }));
  return {
    ...common(disk),
    put: (key, source) => speaking(() => publishInFolder(source, join(root, key))),
    read: (key, range) =>
      speaking(async () => {
        const stream = createReadStream(join(root, key), { ...range, highWaterMark: 256 * 1024 });
        await new Promise<void>((opened, failed) => void stream.once('open', () => opened()).once('error', failed));
        return stream;
      }),
    isThere: () => isWritable(root),
  };
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A second name for the same bytes costs nothing; across file systems it is a copy that appears whole. */
async function publishInFolder(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  try {
    await link(source, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(codeOf(error))) throw error;
    await copyFile(source, `${target}.part`);
    await synced(`${target}.part`);
    await rename(`${target}.part`, target);
  }
  await synced(dirname(target));
}

/** On disk, not in a cache: what is here survives a power cut. */
export async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function openS3(env: Settings): Storage {
  const bucket = env.S3_BUCKET ?? '';
  const client = new S3Client({
    region: env.S3_REGION ?? '',
    ...(env.S3_ENDPOINT && { endpoint: env.S3_ENDPOINT }),
    credentials: { accessKeyId: env.S3_ACCESS_KEY_ID ?? '', secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? '' },
    forcePathStyle: env.S3_FORCE_PATH_STYLE === 'true',
    // Stores other than Amazon's do not know its newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // What fails is said by whoever asked; the client's own words would go to the console.
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  });
  const disk = new Disk(new S3Driver({ client, bucket, visibility: 'private', supportsACL: false }));
  return {
    ...common(disk),
    put: (key, source) =>
      speaking(async () => {
        const { size } = await stat(source);
        await disk.putStream(key, createReadStream(source), { contentLength: size });
      }),
    read: (key, range) =>
      speaking(async () => {
        const wanted = range && { Range: `bytes=${range.start}-${range.end}` };
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...wanted }));
        if (!(body instanceof Readable)) throw new Error('the store answered without a body');
        return body;
      }),
    isThere: () => answersFor(client, bucket),
  };
}

/** A bucket that is there says that this key is not; a missing one, or refused rights, are another answer. */
async function answersFor(client: S3Client, bucket: string): Promise<boolean> {
  const [asking, abortSignal] = [
    new GetObjectCommand({ Bucket: bucket, Key: 'is-it-there' }),
    AbortSignal.timeout(5_000),
  ];
  return client.send(asking, { abortSignal }).then(
    () => true,
    (error: unknown) => error instanceof Error && error.name === 'NoSuchKey',
  );
}

function common(disk: Disk): Pick<Storage, 'size' | 'remove'> {
  return {
    size: (key) =>
      speaking(async () => ((await disk.exists(key)) ? (await disk.getMetaData(key)).contentLength : null)),
    remove: (key) => speaking(() => disk.delete(key)),
  };
}

/** Whoever waits for the store is told to come back; why it is away is the operator's to read in the cause. */
async function speaking<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const away = new Failure('unavailable', 'The file store does not answer. Try again.', { retryAfterSeconds: 5 });
    throw Object.assign(away, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
