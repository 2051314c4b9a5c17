import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

/** When the largest part of the page was painted. */
async function largestPaint(page: Page, url: string): Promise<number> {
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) Object.assign(globalThis, { largestPaint: startTime });
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await expect.poll(() => page.evaluate(() => Reflect.get(globalThis, 'largestPaint') as number)).toBeGreaterThan(0);
  return page.evaluate(() => Reflect.get(globalThis, 'largestPaint') as number);
}

test('S01 on a phone with a slow line the first page has its largest part within 2.5 seconds', async ({
  visit,
  server,
}) => {
  const times: number[] = [];
  // The best of three: a machine that is busy with something else says nothing about the page.
  for (const name of ['Lena First', 'Lena Second', 'Lena Third']) {
    const { context, page } = await visit(name, 'client');
    await page.setViewportSize({ width: 360, height: 740 });
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    // What Lighthouse calls slow 4G.
    const line = { offline: false, latency: 150, downloadThroughput: 204_800, uploadThroughput: 84_375 };
    await devtools.send('Network.emulateNetworkConditions', line);
    times.push(await largestPaint(page, server.url));
    if (times.some((time) => time < 2_500)) break;
  }
  expect(Math.min(...times)).toBeLessThan(2_500);
});

test('S01 who wishes for less motion sees none, and without scripts the first page is whole', async ({
  visit,
  browser,
  server,
}) => {
  const { page } = await visit('Mo Calm', 'client');
  const moving = () =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .map((it) => it.effect?.getComputedTiming())
          .filter((timing) => Number(timing?.duration) * Number(timing?.iterations) > 1).length,
    );
  await page.goto(server.url, { waitUntil: 'commit' });
  await expect.poll(moving, 'there is something that moves').toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
  expect(await moving()).toBe(0);

  const plain = await browser.newContext({ javaScriptEnabled: false });
  const still = await plain.newPage();
  await still.goto(server.url);
  await expect(still.getByRole('heading', { level: 1 })).toBeVisible();
  const [start] = await still.getByRole('link', { name: 'Create' }).all();
  const links = start ? [start] : await still.locator('a[href="/signup"]').all();
  await links[0]?.click();
  await expect(still).toHaveURL(`${server.url}/signup`);
  await plain.close();
});
