import type { Page } from '@playwright/test';
import { expect, test, twoInRoom } from '../fixtures.ts';

/** What a page says that is not there yet. */
const promises = /coming soon|lorem ipsum|not implemented|under construction|placeholder|TODO\b/i;

/** Follows every link of our own from here, at the width of a desk and of a phone; each page is looked at once. */
async function followAll(page: Page, origin: string, start: string): Promise<string[]> {
  const waiting = [start];
  const seen = new Set<string>();
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const answer = await page.request.get(origin + path, { maxRedirects: 5 });
    expect.soft(answer.status(), path).toBeLessThan(400);
    if (!(answer.headers()['content-type'] ?? '').startsWith('text/html') || path.startsWith('/api')) continue;
    await page.goto(origin + path);
    await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
    expect.soft(await page.locator('body').innerText(), path).not.toMatch(promises);
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      for (const link of await linksOf(page)) {
        const url = new URL(link, page.url());
        if (url.origin !== origin) continue;
        if (url.hash && url.pathname === new URL(page.url()).pathname)
          expect.soft(await page.locator(`[id="${url.hash.slice(1)}"]`).count(), `${path} → ${url.hash}`).toBe(1);
        waiting.push(url.pathname + url.search);
      }
    }
  }
  return [...seen];
}

function linksOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('a[href]')];
    return links.filter((it) => it.checkVisibility()).map((it) => it.href);
  });
}

test('S03 every link leads somewhere, on a desk and on a phone, and no page promises what is not there', async ({
  visit,
  server,
}) => {
  test.setTimeout(240_000);
  const { page } = await visit('Gil Guest', 'client');
  const outside = await followAll(page, server.url, '/');
  expect(outside).toEqual(
    expect.arrayContaining(['/signin', '/signup', '/support', '/terms', '/privacy', '/api/docs']),
  );

  const { client, roomId, projectId } = await twoInRoom(visit, [server, server]);
  const inside = await followAll(client.page, server.url, '/dashboard');
  expect(inside).toEqual(
    expect.arrayContaining([
      '/projects',
      '/projects/new',
      '/files',
      '/messages',
      '/notifications',
      '/payments',
      '/settings',
      `/projects/${projectId}`,
      `/rooms/${roomId}`,
    ]),
  );
});
