// A thread that reads files and computes their hashes, at a lower priority than the thread that answers people.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';

export interface HashOrder {
  readonly id: number;
  readonly path: string;
}
export interface HashAnswer {
  readonly id: number;
  /** Null: it could not be read. */
  readonly sha256: string | null;
  readonly reason?: string;
}

/** About a third of what others get of a full processor, so that a large file ends in time. */
const niceness = 5;
// Elsewhere this would be the priority of the whole process.
if (process.platform === 'linux') giveWay();
const buffer = Buffer.allocUnsafe(1024 * 1024);

parentPort?.on('message', ({ id, path }: HashOrder) => {
  const say = (answer: Omit<HashAnswer, 'id'>) => parentPort?.postMessage({ id, ...answer } satisfies HashAnswer);
  const failed = (error: unknown) => say({ sha256: null, reason: String(error) });
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return failed(error);
  }
  const hash = createHash('sha256');
  const readOn = () => {
    try {
      // After each piece the others have theirs: a small file does not wait for a large one.
      if (readPiece(file, hash)) return void setImmediate(readOn);
      say({ sha256: hash.digest('hex') });
    } catch (error) {
      failed(error);
    }
    closeSync(file);
  };
  readOn();
});

/** Only ever down: raising it needs a privilege. Where even that is not permitted, files are hashed all the same. */
function giveWay(): void {
  try {
    if (getPriority(0) < niceness) setPriority(0, niceness);
  } catch {
    return;
  }
}

/** False at the end of the file. */
function readPiece(file: number, hash: Hash): boolean {
  const read = readSync(file, buffer);
  hash.update(buffer.subarray(0, read));
  return read > 0;
}
