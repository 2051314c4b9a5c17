import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Failure } from '@safesend/shared/failure.ts';

/** `too_large`: more than the scanner is set up to read, so nobody knows. */
export type Verdict = 'clean' | 'infected' | 'too_large';

/** Reads a file before anybody else does. Fails as `unavailable` while the scanner is away: unscanned is never called clean. */
export interface Scanner {
  scan(path: string): Promise<Verdict>;
  /** Does it answer now? */
  isThere(): Promise<boolean>;
}

const silenceMs = 60_000;

/** Speaks clamd's INSTREAM at `tcp://host:port` or `unix:///path`. */
export function openScanner(address: string | undefined): Scanner | null {
  if (address === undefined) return null;
  const url = new URL(address);
  const reach = () =>
    url.protocol === 'unix:' ? connect(url.pathname) : connect(Number(url.port || '3310'), url.hostname);
  return {
    async scan(path) {
      try {
        return verdictOf(await converse(reach(), path));
      } catch (error) {
        const away = new Failure('unavailable', 'The malware scanner does not answer. The upload waits for it.', {
          retryAfterSeconds: 30,
        });
        throw Object.assign(away, { cause: error });
      }
    },
    isThere: () => ping(reach()).catch(() => false),
  };
}

const pingMs = 3_000;

async function ping(socket: Socket): Promise<boolean> {
  socket.setTimeout(pingMs, () => socket.destroy(new Error('the scanner is silent')));
  const answer = readAnswer(socket);
  socket.write('zPING\0');
  try {
    return (await answer).startsWith('PONG');
  } finally {
    socket.destroy();
  }
}

async function converse(socket: Socket, path: string): Promise<string> {
  socket.setTimeout(silenceMs, () => socket.destroy(new Error('the scanner is silent')));
  const answer = readAnswer(socket);
  // The scanner may answer and hang up before it was sent everything; then its answer counts.
  await Promise.race([send(socket, path), answer]).catch(() => undefined);
  try {
    return await answer;
  } finally {
    socket.destroy();
  }
}

async function send(socket: Socket, path: string): Promise<void> {
  socket.write('zINSTREAM\0');
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    socket.write(length);
    if (!socket.write(chunk)) await new Promise((drained) => socket.once('drain', drained));
  }
  socket.write(Buffer.alloc(4));
}

function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('\0')) resolve(text);
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the scanner hung up')));
  });
}

function verdictOf(answer: string): Verdict {
  const said = answer.replaceAll('\0', '').trim();
  if (said.endsWith('OK')) return 'clean';
  if (said.endsWith('FOUND')) return 'infected';
  if (said.includes('size limit exceeded')) return 'too_large';
  throw new Error(`the scanner said: ${said.slice(0, 200)}`);
}
