import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { streamedPaths, type HttpEnv } from './http.ts';
import { StartupError } from './startup.ts';

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void;

const apiPaths = /^\/(?:api(?:\/|$)|healthz$|readyz$|metrics$)/;

/** Sent with every answer of the process, page or API, error or not. */
const headers = {
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(self)',
  'Origin-Agent-Cluster': '?1',
  // What may be kept says so itself.
  'Cache-Control': 'no-store',
} as const;

/** Every answer starts with them, whoever writes it: the API, the pages or the socket server. */
class OwnResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
  constructor(request: Request) {
    super(request);
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
  }
}

/** A paper under the name of a file, as some write it: `/invoices/{id}.pdf`. */
const paperName = /(?<=^\/api\/v1\/invoices\/[^/?]+)\.pdf(\?|$)/;

/** One port, one origin: the API and the pages behind one listener. Socket.IO attaches to the same server. */
export function createListener(api: Hono<HttpEnv>, findPages: () => PageHandler | null): Server {
  const answerApi = getRequestListener(api.fetch);
  // An upload may take hours; everything else has a minute, and an upload that falls silent has one, too.
  const options = { requestTimeout: 0, headersTimeout: 20_000, ServerResponse: OwnResponse };
  return createServer(options, (request, response) => {
    limitTime(request, response);
    request.url = request.url?.replace(paperName, '/pdf$1');
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const pages = findPages();
    if (apiPaths.test(path) || !pages) void answerApi(request, response);
    else answerPage(pages, request, response);
  });
}

const patienceMs = 60_000;

function limitTime(request: IncomingMessage, response: ServerResponse): void {
  if (streamedPaths.test(request.url ?? '')) {
    request.setTimeout(patienceMs, () => request.destroy());
    response.once('finish', () => request.setTimeout(0));
    return;
  }
  if (request.complete) return;
  const timer = setTimeout(() => {
    // Some are answered before all they announced has come; whatever is thrown here ends the process.
    if (!response.headersSent) response.writeHead(408, { Connection: 'close' }).end();
    request.destroy();
  }, patienceMs).unref();
  request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
}

function answerPage(pages: PageHandler, request: IncomingMessage, response: ServerResponse): void {
  // Pages carry personal data; files whose name is their hash set their own, longer life.
  response.setHeader('Cache-Control', 'private, no-cache');
  pages(request, response);
}

export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((ready, refuse) => {
    server.once('error', (error: NodeJS.ErrnoException) => refuse(listenError(error, port, host)));
    server.listen(port, host, ready);
  });
  return (server.address() as AddressInfo).port;
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE')
    return new StartupError(
      `Port ${port} is taken. Stop what uses it, or start with another one: PORT=${port + 1} npm start`,
    );
  if (error.code === 'EACCES')
    return new StartupError(`Port ${port} needs more rights than this user has. Choose one above 1023 with PORT.`);
  if (error.code === 'EADDRNOTAVAIL') return new StartupError(`This machine has no address ${host}. Correct HOST.`);
  return error;
}
