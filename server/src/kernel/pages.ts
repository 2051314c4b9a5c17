import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PageHandler } from './listener.ts';
import { StartupError } from './startup.ts';

/** The built pages, when they were built: the API alone serves tests and API-only processes. */
export async function findPages(loopback: string, pageKey: string, takesCards: boolean): Promise<PageHandler | null> {
  // The pages read this once, when they are loaded: it is where their own requests to the API go.
  process.env['SAFESEND_LOOPBACK'] = loopback;
  process.env['SAFESEND_PAGE_KEY'] = pageKey;
  process.env['SAFESEND_PAGE_CARDS'] = takesCards ? 'stripe' : '';
  const path = join(import.meta.dirname, '../../../web/build/handler.js');
  if (!existsSync(path)) return null;
  const { handler } = (await import(path)) as { handler?: PageHandler };
  if (!handler) throw new StartupError('The built pages are broken. Run: npm run build');
  return handler;
}

export function loopbackOf(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  return `http://${isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
