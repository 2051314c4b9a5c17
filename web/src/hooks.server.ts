import { AsyncLocalStorage } from 'node:async_hooks';
import process from 'node:process';
import { SAFESEND_LOOPBACK, SAFESEND_PAGE_CARDS, SAFESEND_PAGE_KEY } from '$app/env/private';
import type { Handle, HandleFetch, HandleServerError } from '@sveltejs/kit/hooks';
import { placeOf, readPlaceFrom } from '#lib/format/place.ts';
import { takesCards, withStripe } from '#lib/money/card/policy.ts';
import { getTextDirection } from '#lib/paraglide/runtime.js';
import { paraglideMiddleware } from '#lib/paraglide/server.js';

// The last-resort error page is a fixed file without a nonce, so it is given a policy that runs nothing.
const barePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'";

const reader = new AsyncLocalStorage<string | undefined>();
readPlaceFrom(() => reader.getStore());

export const handle: Handle = (visit) => {
  const [first] = (visit.event.request.headers.get('accept-language') ?? '').split(/[,;]/);
  return reader.run(placeOf(first?.trim()), () => draw(visit));
};

const draw: Handle = ({ event, resolve }) =>
  paraglideMiddleware(event.request, async ({ locale }) => {
    const response = await resolve(event, {
      transformPageChunk: ({ html }) => html.replace('%lang%', locale).replace('%dir%', getTextDirection(locale)),
      filterSerializedResponseHeaders: (name) => name === 'content-type',
    });
    const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    const policy = response.headers.get('content-security-policy');
    if (isPage && policy === null) response.headers.set('content-security-policy', barePolicy);
    if (policy !== null && SAFESEND_PAGE_CARDS === 'stripe' && takesCards(event.route.id)) {
      response.headers.set('content-security-policy', withStripe(policy));
    }
    return response;
  });

export const handleFetch: HandleFetch = ({ event, request, fetch }) => {
  const url = new URL(request.url);
  if (url.origin !== event.url.origin || !url.pathname.startsWith('/api/')) return fetch(request);

  const forwarded = new Request(new URL(url.pathname + url.search, SAFESEND_LOOPBACK), request);
  for (const name of ['cookie', 'x-request-id', 'accept-language', 'user-agent']) {
    const value = event.request.headers.get(name);
    if (value) forwarded.headers.set(name, value);
  }
  // The API counts requests by address: what a page asks is asked by whoever opened the page.
  const hops = [event.request.headers.get('x-forwarded-for'), event.getClientAddress()].filter(Boolean);
  forwarded.headers.set('x-forwarded-for', hops.join(', '));
  forwarded.headers.set('x-safesend-page', SAFESEND_PAGE_KEY);
  return globalThis.fetch(forwarded);
};

export const handleError: HandleServerError = (caught) => {
  if (caught.kind !== 'unknown') return;
  const requestId = caught.event.request.headers.get('x-request-id') ?? crypto.randomUUID();
  const { error } = caught;
  process.stderr.write(
    `${JSON.stringify({
      level: 50,
      time: Date.now(),
      msg: 'page failed',
      route: caught.event.route.id,
      requestId,
      err: error instanceof Error ? { type: error.name, message: error.message, stack: error.stack } : String(error),
    })}\n`,
  );
  return { code: 'unexpected', requestId };
};
