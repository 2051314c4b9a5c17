import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HashAnswer, HashOrder } from './hashing-worker.ts';

interface Waiting {
  resolve(sha256: string): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let orders = 0;

/** The SHA-256 of a file, in hex. A thread of its own computes it: meanwhile this one answers people. */
export function hashFile(path: string): Promise<string> {
  worker ??= begin();
  const order: HashOrder = { id: orders++, path };
  return new Promise((resolve, reject) => {
    waiting.set(order.id, { resolve, reject });
    worker?.ref();
    worker?.postMessage(order);
  });
}

function begin(): Worker {
  const begun = new Worker(join(import.meta.dirname, 'hashing-worker.ts'), { execArgv: [] });
  begun.on('message', ({ id, sha256, reason }: HashAnswer) => {
    if (sha256 === null) waiting.get(id)?.reject(new Error(reason));
    else waiting.get(id)?.resolve(sha256);
    waiting.delete(id);
    // Nobody waits for it: the process may end.
    if (waiting.size === 0) begun.unref();
  });
  /** Whoever waits asks again; the next order has another thread, which what is still said of this one does not concern. */
  const ended = (error: Error) => {
    if (worker !== begun) return;
    worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  begun.on('error', ended);
  begun.on('exit', (code) => ended(new Error(`The thread that computes hashes ended with ${code}.`)));
  begun.unref();
  return begun;
}
