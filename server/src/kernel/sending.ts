import { isWithout } from './faults.ts';
import type { Metrics } from './metrics.ts';
import type { Client } from './channels.ts';

const maxQueuedBytes = 1024 * 1024;

/**
 * Watches over the line of one client. A reader that stops reading is cut once a mebibyte waits for him; he resumes from
 * his position without loss. Packets that waited for a connection leave in one write instead of one each; a connection
 * that began by polling has another line later on, and is left alone.
 */
export function watchLine(client: Client, metrics: Metrics): void {
  const { conn, request } = client;
  const isLine = conn.transport.name === 'websocket';
  let queued = 0;
  let isCut = false;
  let isHeld = false;
  conn.on('packetCreate', ({ data }: { data?: unknown }) => {
    queued += typeof data === 'string' ? data.length : Buffer.isBuffer(data) ? data.length : 0;
    if (queued <= maxQueuedBytes || isCut || isWithout('buffer-cap')) return;
    isCut = true;
    metrics.readerCut();
    // Not from within the write that noticed it: closing writes too.
    // And not by a farewell he would have to read: the line is dropped.
    setImmediate(() => request.socket.destroy());
  });
  conn.on('flush', (packets: readonly unknown[]) => {
    if (!isLine || isHeld || packets.length < 2) return;
    isHeld = true;
    request.socket.cork();
  });
  conn.on('drain', () => {
    queued = 0;
    if (isHeld) request.socket.uncork();
    isHeld = false;
  });
}

/**
 * Acknowledgements wait for the end of the turn: messages of one person that shared a commit are acknowledged in one write
 * to his connection. One write for each took a sixth of a full server's time.
 */
export class Replies {
  readonly #waiting = new Map<Client, (() => void)[]>();

  put(client: Client, reply: () => void): void {
    const before = this.#waiting.get(client);
    if (before) return void before.push(reply);
    this.#waiting.set(client, [reply]);
    if (this.#waiting.size === 1) process.nextTick(() => this.#send());
  }

  #send(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [client, replies] of all) inOneFlush(client, replies);
  }
}

/** What is written while the transport says that it is not ready is kept, and flushed as one when it is. */
function inOneFlush({ conn: { transport } }: Client, writes: readonly (() => void)[]): void {
  const isReady = transport.writable;
  transport.writable = false;
  for (const write of writes) write();
  if (!isReady) return;
  transport.writable = true;
  transport.emit('ready');
}
