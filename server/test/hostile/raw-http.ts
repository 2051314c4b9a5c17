import { request, type IncomingHttpHeaders } from 'node:http';

export interface Raw {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export type RawHeaders = Record<string, string | string[]>;

export const json = { 'content-type': 'application/json' };

/** A request of exactly these bytes, which `fetch` would correct. An upgrade that is accepted counts as 101. */
export function raw(
  port: number,
  method: string,
  path: string,
  headers: RawHeaders = {},
  body?: string | Buffer,
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { port, host: '127.0.0.1', method, path, headers: { ...headers, ...length }, agent: false };
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString() });
      });
    });
    sent.on('upgrade', ({ headers: given }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: given, text: '' });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
