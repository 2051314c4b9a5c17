import { self } from '$app/service-worker';
import { offlinePage } from './offline-page.ts';

/**
 * Stands between the browser and its own page of errors, and keeps nothing: every document comes from the server, and where
 * there is no line the one that is written in here stands in its place (ADR 17).
 */

// It holds nothing of a build that another page could miss, so the newest one is always the right one.
self.addEventListener('install', () => void self.skipWaiting());

// The browser asks the server while it wakes this up: a page is not later for it.
self.addEventListener('activate', (event) => {
  event.waitUntil(self.registration.navigationPreload?.enable());
});

self.addEventListener('fetch', (event) => {
  const { method, destination, url } = event.request;
  const isPage = method === 'GET' && destination === 'document' && !new URL(url).pathname.startsWith('/api/');
  if (isPage) event.respondWith(answer(event));
});

async function answer({ request, preloadResponse }: FetchEvent): Promise<Response> {
  try {
    const preloaded = (await preloadResponse) as Response | undefined;
    return preloaded ?? (await fetch(request));
  } catch {
    return offlinePage();
  }
}
