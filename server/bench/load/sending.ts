// Files on their way to a server: over tus as the product takes them, and in a form as the yardstick does.
import { randomBytes } from 'node:crypto';
import { request, type RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokenRun } from '../process.ts';

export interface Sending {
  readonly url: string;
  readonly size: number;
  /** Null: as fast as it is taken. */
  readonly bytesPerSecond: number | null;
}

/** Who sends it where. */
export interface Sender {
  readonly roomId: string;
  readonly cookie: string;
}

/** By this process, in all. */
export const sent = { bytes: 0 };

const large = randomBytes(1024 * 1024);
/** As a slow line hands them over. */
const small = large.subarray(0, 64 * 1024);

async function* bytes({ size, bytesPerSecond }: Sending): AsyncGenerator<Buffer> {
  const begun = performance.now();
  const piece = bytesPerSecond === null ? large : small;
  for (let at = 0; at < size; at += piece.length) {
    const early = bytesPerSecond === null ? 0 : (at / bytesPerSecond) * 1_000 - (performance.now() - begun);
    if (early > 1) await pause(early);
    yield size - at < piece.length ? piece.subarray(0, size - at) : piece;
    sent.bytes += Math.min(piece.length, size - at);
  }
}

export async function sendUpload(sending: Sending, { roomId, cookie }: Sender): Promise<void> {
  const { url, size } = sending;
  const metadata = Object.entries({ roomId, filename: 'large.bin' });
  const common = { cookie, origin: url, 'tus-resumable': '1.0.0' };
  const opened = await fetch(`${url}/api/v1/uploads`, {
    method: 'POST',
    headers: {
      ...{ ...common, 'upload-length': String(size) },
      'upload-metadata': metadata.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(','),
    },
  });
  if (opened.status !== 201) throw new BrokenRun(`an upload answered ${opened.status}: ${await opened.text()}`);
  const path = `${url}${opened.headers.get('location') ?? ''}`;
  const headers = { ...common, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  await send(path, { method: 'PATCH', headers: { ...headers, 'content-length': size } }, bytes(sending));
}

export async function sendForm(sending: Sending): Promise<void> {
  const boundary = 'safesend-bench';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const body = async function* () {
    yield Buffer.from(head);
    yield* bytes(sending);
    yield Buffer.from(tail);
  };
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': head.length + sending.size + tail.length,
  };
  await send(sending.url, { method: 'POST', headers }, body());
}

async function send(url: string, options: RequestOptions, body: AsyncIterable<Buffer>): Promise<void> {
  const sending = request(url, options);
  const answered = new Promise<number>((resolve, reject) => {
    sending.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sending.once('error', reject);
  });
  await pipeline(Readable.from(body), sending);
  const status = await answered;
  if (status >= 300) throw new BrokenRun(`an upload answered ${status}`);
}
