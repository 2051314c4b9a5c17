import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { isLoopback } from './env.ts';

/** What proxies say of whom they speak for; one that is not told to name him sends another of these at least. */
const proxyHeaders = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

/** Sent from this very machine: not by those whom a proxy that runs on it speaks for. */
export function isFromHere({ headers, socket }: IncomingMessage): boolean {
  const isForwarded = proxyHeaders.some((name) => headers[name] !== undefined);
  return isLoopback(socket.remoteAddress ?? '') && !isForwarded;
}

/** What is our own origin: `PUBLIC_URL`, or without one any loopback Host with our port. */
export class OwnOrigin {
  readonly #publicOrigin: string | undefined;
  #port = 0;

  constructor(publicUrl: URL | undefined) {
    this.#publicOrigin = publicUrl?.origin;
  }

  listeningOn(port: number): void {
    this.#port = port;
  }

  get isSecure(): boolean {
    return this.#publicOrigin?.startsWith('https:') ?? false;
  }

  /** Where links in mails lead. */
  get url(): string {
    return this.#publicOrigin ?? `http://localhost:${this.#port}`;
  }

  /** Where this browser has us open, so that it comes back signed in; a page of somebody else is nowhere to come back to. */
  whereIs({ origin }: Pick<IncomingHttpHeaders, 'origin'>): string {
    return origin !== undefined && this.includes(origin) ? origin : this.url;
  }

  includes(origin: string): boolean {
    if (this.#publicOrigin !== undefined) return origin === this.#publicOrigin;
    const url = URL.parse(origin);
    return (
      url !== null &&
      url.origin === origin &&
      url.protocol === 'http:' &&
      isLoopback(url.hostname) &&
      portOf(url) === this.#port
    );
  }

  /** A write that a browser sent on behalf of another site. */
  refuses(headers: IncomingHttpHeaders): boolean {
    const { origin, 'sec-fetch-site': site } = headers;
    if (origin !== undefined && !this.includes(origin)) return true;
    return typeof site === 'string' && site !== 'same-origin' && site !== 'none';
  }
}

function portOf(url: URL): number {
  return url.port === '' ? 80 : Number(url.port);
}

/**
 * The address a request is counted under: the peer's own, or the last address in X-Forwarded-For that no trusted proxy
 * wrote. An IPv6 address stands for its /64, which one person has whole.
 */
export function clientAddress(
  peer: string | undefined,
  headers: IncomingHttpHeaders,
  trusted: readonly string[],
): string {
  const hops = [...String(headers['x-forwarded-for'] ?? '').split(','), peer ?? '']
    .map((it) => it.trim())
    .filter((it) => it !== '');
  for (const hop of hops.reverse()) {
    if (!ipaddr.isValid(hop)) break;
    if (hop !== peer && trusted.length === 0) break;
    if (!isTrusted(hop, trusted)) return counted(hop);
  }
  return counted(peer ?? '');
}

function isTrusted(address: string, trusted: readonly string[]): boolean {
  const parsed = ipaddr.process(address);
  return trusted.some((entry) => {
    const [range, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : [ipaddr.process(entry), null];
    if (range.kind() !== parsed.kind()) return false;
    return parsed.match(range, bits ?? (range.kind() === 'ipv4' ? 32 : 128));
  });
}

function counted(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${parsed.toByteArray().slice(0, 8).join('.')}/64`;
}
