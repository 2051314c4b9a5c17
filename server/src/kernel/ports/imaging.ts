import { execFile } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../log.ts';

/** A picture to be made: at most this large, at this path. `square` cuts the middle out. */
export interface Target {
  readonly path: string;
  readonly pixels: number;
  readonly square?: boolean;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly size: number;
}

/** The images that can be shown, by the decoder for each. */
export const loaders = {
  'image/png': 'VipsForeignLoadPng',
  'image/apng': 'VipsForeignLoadPng',
  'image/jpeg': 'VipsForeignLoadJpeg',
  'image/gif': 'VipsForeignLoadNsgif',
  'image/webp': 'VipsForeignLoadWebp',
  'image/avif': 'VipsForeignLoadHeif',
  'image/tiff': 'VipsForeignLoadTiff',
  'image/svg+xml': 'VipsForeignLoadSvg',
} as const;
export type ImageType = keyof typeof loaders;

export function isImageType(type: string): type is ImageType {
  return Object.hasOwn(loaders, type);
}

/** What a picture can be made of: an image, or the first page of a document. */
export type SourceType = ImageType | 'application/pdf';

export function isSourceType(type: string): type is SourceType {
  return isImageType(type) || type === 'application/pdf';
}

/** Makes WebP pictures of what strangers sent, without what cameras write into images. Null: it cannot be shown. */
export interface Imaging {
  render(source: string, type: SourceType, targets: readonly Target[]): Promise<Picture[] | null>;
}

const worker = join(import.meta.dirname, 'imaging-worker.ts');
const timeLimitMs = 20_000;
/** The worker says so when it could not even begin: that is no image's fault. */
export const cannotBegin = 70;

const atOnce = Math.max(1, Math.floor(availableParallelism() / 2));

/**
 * Decoders are the oldest door into a program: each image is decoded by a process of its own, which has a limit of pixels,
 * of memory and of time, and no part in anything else.
 */
export function openImaging(log: Logger): Imaging {
  const waiting: (() => void)[] = [];
  let running = 0;
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) await new Promise<void>((turn) => waiting.push(turn));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
  return { render: (source, type, targets) => inTurn(() => renderApart({ source, type, targets }, log)) };
}

interface Order {
  readonly source: string;
  readonly type: SourceType;
  readonly targets: readonly Target[];
}

async function renderApart(order: Order, log: Logger): Promise<Picture[] | null> {
  try {
    const running = promisify(execFile)(
      process.execPath,
      [`--max-old-space-size=${order.type === 'application/pdf' ? 192 : 64}`, worker, JSON.stringify(order)],
      // It inherits nothing: no addresses, no secrets.
      { env: { VIPS_CONCURRENCY: '1', MALLOC_ARENA_MAX: '2' }, timeout: timeLimitMs, killSignal: 'SIGKILL' },
    );
    yieldTo(running.child.pid);
    return JSON.parse((await running).stdout) as Picture[];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === cannotBegin || typeof code === 'string') throw error;
    log.info({ err: error, type: order.type }, 'a picture could not be made');
    return null;
  }
}

/** Somebody waits for his message; nobody waits for a picture. */
function yieldTo(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It was quicker than we were.
  }
}
