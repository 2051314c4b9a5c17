import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

interface LargestPart {
  readonly tag: string;
  readonly text: string;
  /** Empty when nothing has to be fetched for it. */
  readonly address: string;
}

/** What the browser took for the largest part of the page. */
async function largestPart(page: Page): Promise<LargestPart> {
  return page.evaluate(
    () =>
      new Promise<LargestPart>((resolve) => {
        new PerformanceObserver((list) => {
          const { element, url } = list.getEntries().at(-1) as PerformanceEntry & { element: Element; url: string };
          resolve({ tag: element.tagName, text: element.textContent.trim(), address: url });
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      }),
  );
}

/** What a browser with an empty cache fetched for this page, and what it waited for before it painted anything. */
async function fetched(page: Page): Promise<{ blocking: number; blockingBytes: number; bytes: number }> {
  return page.evaluate(() => {
    const [document] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const parts = performance.getEntriesByType('resource') as (PerformanceResourceTiming & {
      renderBlockingStatus: string;
    })[];
    const blocking = parts.filter(({ renderBlockingStatus }) => renderBlockingStatus === 'blocking');
    const sum = (sizes: readonly PerformanceResourceTiming[]) =>
      sizes.reduce((bytes, { transferSize }) => bytes + transferSize, document?.transferSize ?? 0);
    return { blocking: blocking.length, blockingBytes: sum(blocking), bytes: sum(parts) };
  });
}

test('S01 the largest part of the first page on a phone is text that came with the document, and little is waited for', async ({
  visit,
  server,
}) => {
  const { page } = await visit('Lena First', 'client');
  await page.setViewportSize({ width: 360, height: 740 });
  const response = await page.goto(server.url, { waitUntil: 'networkidle' });
  const { tag, text, address } = await largestPart(page);
  expect({ tag, address }).toEqual({ tag: 'H1', address: '' });
  expect(await response?.text(), 'there before any script').toContain(text);
  const { blocking, blockingBytes, bytes } = await fetched(page);
  // 200 KB a second and 150 ms there and back, which is called slow 4G: painted within a second, whole within two and a half.
  expect(blocking).toBeGreaterThan(0);
  expect(blocking, 'files between the document and the first paint').toBeLessThanOrEqual(4);
  expect(blockingBytes, 'the document with them').toBeLessThanOrEqual(80 * 1024);
  expect(bytes, 'all that comes by itself').toBeLessThanOrEqual(240 * 1024);
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
