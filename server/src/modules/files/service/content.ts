import { Readable, Transform } from 'node:stream';
import { Failure } from '@safesend/shared/failure.ts';
import { lastNameOf } from '@safesend/shared/files/path.ts';
import { isWithout } from '../../../kernel/faults.ts';
import { problemOf } from '../../../kernel/problem.ts';
import type { HttpContext } from '../../../kernel/http.ts';
import type { Storage } from '../../../kernel/ports/storage.ts';
import type { Sent } from './receipts.ts';

/** How often a long download asks whether it may go on. */
const askEveryMs = 2_000;

/** Bytes as a browser may have them: never more than a download, never in our origin. */
export interface Served {
  readonly storageKey: string;
  readonly size: number;
  readonly type: string;
  /** In double quotes is the ETag. */
  readonly tag: string;
  readonly name: string;
  /** `inline` is for pictures that we made ourselves. */
  readonly disposition: 'attachment' | 'inline';
  /** Its address never means anything else, so its reader may keep it. */
  readonly isFinal?: true;
  /** Fails when he may have no more of it. */
  stillMay(): Promise<unknown>;
  /** Called once, when the answer has ended: these bytes were handed over, the last one not included. */
  ended?(sent: Sent): void;
}

/** The answer to a request for content: whole, a range, not modified, or out of range. */
export async function contentResponse(c: HttpContext, storage: Storage, served: Served): Promise<Response> {
  const headers = headersFor(served);
  const tag = `"${served.tag}"`;
  if (matches(c.req.header('if-none-match'), tag)) return c.body(null, 304, headers);
  const range = rangeOf(c.req.header('range'), c.req.header('if-range'), tag, served.size);
  if (range === 'unsatisfiable') {
    const problem = problemOf(new Failure('unsatisfiable', `This has ${served.size} bytes.`), c.var.requestId);
    return c.body(JSON.stringify(problem), 416, {
      ...headers,
      'Content-Disposition': 'inline',
      'Content-Type': 'application/problem+json',
      'Content-Range': `bytes */${served.size}`,
    });
  }
  const { start, end } = range ?? { start: 0, end: served.size - 1 };
  const length = end - start + 1;
  const answered = {
    ...headers,
    'Content-Type': served.type,
    'Content-Length': String(length),
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${served.size}` }),
  };
  const status = range ? 206 : 200;
  const isRange = range !== null;
  if (c.req.method === 'HEAD') return c.body(null, status, answered);
  if (length === 0) {
    served.ended?.({ start: 0, end: 0, isRange });
    return c.body(null, status, answered);
  }
  const source = await storage.read(served.storageKey, { start, end });
  const stream = guarded(source, {
    length,
    stillMay: served.stillMay,
    cut: () => void c.env.outgoing.destroy(),
    ended: (sent, hasBegun) => void (hasBegun && served.ended?.({ start, end: start + sent, isRange })),
  });
  return c.body(Readable.toWeb(stream) as ReadableStream, status, answered);
}

function headersFor({ tag, name, disposition, isFinal }: Served): Record<string, string> {
  return {
    ETag: `"${tag}"`,
    'Accept-Ranges': 'bytes',
    // Kept by its reader alone, and asked about every time.
    'Cache-Control': isFinal ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'Content-Disposition': dispositionOf(disposition, name),
    'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  };
}

/** RFC 6266 with RFC 5987: an ASCII name for old clients, the real one for all others. */
export function dispositionOf(disposition: string, path: string): string {
  const name = lastNameOf(path);
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/[^\x20-\x7e]/g, '_')
    .replaceAll(/["\\%;]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${disposition}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((it) => it.trim().replace(/^W\//, '') === tag);
}

type Range = { readonly start: number; readonly end: number };

/** One range; several, or a form we do not know, mean the whole, as RFC 9110 allows. */
function rangeOf(
  header: string | undefined,
  ifRange: string | undefined,
  tag: string,
  size: number,
): Range | 'unsatisfiable' | null {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if ((from === '' && to === '') || (ifRange !== undefined && ifRange !== tag)) return null;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < start) return null;
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}

interface Guard extends Pick<Served, 'stillMay'> {
  /** How many bytes are to pass. */
  readonly length: number;
  /** Ends the connection in the middle, so that nobody takes what he has for the whole. */
  cut(): void;
  /** So many bytes were surely seen. Who cut it off early enough has begun, and surely saw none. */
  ended(sent: number, hasBegun: boolean): void;
}

/** Passes bytes on while he may have them; a removal, a sign-out or a store that fails cuts the connection. */
export function guarded(source: Readable, { length, stillMay, cut, ended }: Guard): Readable {
  let sent = 0;
  const gate = new Transform({
    // No more than this waits for a reader who is slow.
    highWaterMark: isWithout('download-pace') ? Number.MAX_SAFE_INTEGER : 256 * 1024,
    transform(chunk: Buffer, _, pass) {
      sent += chunk.length;
      pass(null, chunk);
    },
  });
  const asking = setInterval(() => {
    // An outage is not a removal: where nobody can be asked, he is asked again a little later.
    stillMay().catch((error: unknown) => void (error instanceof Failure && cut()));
  }, askEveryMs).unref();
  gate.once('close', () => {
    clearInterval(asking);
    source.destroy();
    // A store may send more than was asked for. Of what was cut off, the end was never seen by anybody.
    const passed = Math.min(sent, length);
    ended(gate.readableEnded ? passed : Math.max(0, passed - gate.readableHighWaterMark), passed > 0);
  });
  source.once('error', cut);
  return source.pipe(gate);
}
