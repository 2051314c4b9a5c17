import { Failure } from '@safesend/shared/failure.ts';
import type { HttpContext } from './context.ts';
import { parseJson, refuseText } from './hygiene.ts';
import type { Authenticate, Identity } from './identity.ts';
import type { OwnOrigin } from './origin.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A cookie travels with every request a browser makes, so a write must show that our own pages sent it. */
export async function refuseForeign(c: HttpContext, origin: OwnOrigin): Promise<void> {
  const { headers } = c.env.incoming;
  if (safeMethods.has(c.req.method) || headers.authorization !== undefined) return;
  if (origin.refuses(headers)) throw new Failure('forbidden', 'This request came from another site.');
  const marked = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  const type = mediaType(headers['content-type']);
  // Without a cookie nobody is spoken for; what cannot be read is refused where it is read.
  if (
    headers.cookie !== undefined &&
    !marked &&
    type !== '' &&
    type !== 'application/json' &&
    type !== 'application/offset+octet-stream'
  ) {
    throw new Failure('forbidden', 'Forms of other sites are not accepted; send application/json.');
  }
}

export async function identify(c: HttpContext, authenticate: Authenticate): Promise<Identity | null> {
  const { authorization, cookie } = c.env.incoming.headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([\x21-\x7e]{1,300})$/i.exec(authorization)?.[1];
    const identity = token === undefined ? null : await authenticate.byToken(token);
    if (!identity) throw new Failure('unauthenticated', 'This token is not valid.');
    return identity;
  }
  return cookie === undefined ? null : authenticate.bySessionCookie(cookie);
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Reads and vets a JSON body once; the route's schema then sees the very same text. */
async function wellFormedText(c: HttpContext): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await c.req.arrayBuffer());
  } catch (error) {
    if (error instanceof TypeError) throw new Failure('malformed', 'The body is not UTF-8.');
    throw error;
  }
}

/** What the route's schema reads is the very text that was vetted. */
function remember(c: HttpContext, text: string): void {
  (c.req.bodyCache as Record<string, unknown>)['text'] = Promise.resolve(text);
}

export async function readBody(c: HttpContext): Promise<void> {
  refuseText(decodedPath(c));
  if (safeMethods.has(c.req.method)) return;
  const text = await wellFormedText(c);
  const isJson = mediaType(c.env.incoming.headers['content-type']) === 'application/json';
  // Many clients announce JSON and send nothing: that is a body without members.
  remember(c, text.length === 0 && isJson ? '{}' : text);
  if (text.length === 0) return;
  if (!isJson) throw new Failure('unsupported', 'Send application/json.');
  parseJson(text);
}

function decodedPath(c: HttpContext): string {
  try {
    const url = new URL(c.req.url);
    return decodeURIComponent(url.pathname) + [...url.searchParams].flat().join('');
  } catch {
    throw new Failure('malformed', 'The address cannot be read.');
  }
}

export function setApiHeaders(c: HttpContext): void {
  c.header('Cache-Control', 'no-store');
  c.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  c.header('X-Request-Id', c.var.requestId);
}
