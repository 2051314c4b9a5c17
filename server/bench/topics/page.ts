// Pages in a browser that has never been here: when the largest part is painted, and how much script the page of a room takes.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser } from '@playwright/test';
import { median, type Figure } from '../figure.ts';
import { startProduct, type Product } from '../systems.ts';
import type { Topic } from './topic.ts';

const limits = { paintSeconds: 1, scriptKilobytes: 180, slowPaintSeconds: 2.5 };
/** What Lighthouse calls slow 4G. */
const slowLine = { offline: false, latency: 150, downloadThroughput: 204_800, uploadThroughput: 84_375 };
const build = join(import.meta.dirname, '../../../web/build/handler.js');
const browserPath = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium';
const largestPaint = `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
  .observe({ type: 'largest-contentful-paint', buffered: true }))`;

export const page: Topic = {
  name: 'page',
  async measure(stage, { rounds, say }) {
    if (!existsSync(build) || !existsSync(browserPath)) {
      say('page: left out, it needs the built pages and a Chromium (CHROMIUM_PATH)');
      return [];
    }
    const product = await startProduct(stage, { rooms: 1, members: 10, senders: 2 });
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const browser = await chromium.launch({ executablePath: browserPath, args });
    const closing = stage.keep({ stop: () => browser.close() });
    try {
      // The server's first rendering compiles its code; nobody else's does.
      await visit(browser, product);
      const visits = [];
      const slowPaints = [];
      for (let round = 0; round < rounds; round++) {
        visits.push(await visit(browser, product));
        slowPaints.push(await visitByPhone(browser, product));
      }
      return [...figuresOf(visits), slowFigure(slowPaints)];
    } finally {
      await stage.end(closing, ...product.servers);
    }
  },
};

interface Visit {
  readonly paintSeconds: number;
  readonly scriptKilobytes: number;
}

/** Every visit has a cache of its own, and that is empty. */
async function visit(browser: Browser, { seats, places }: Product): Promise<Visit> {
  const [seat, place] = [seats[0], places[0]];
  if (!seat || !place) throw new Error('a visit needs somebody');
  const [name = '', value = ''] = place.cookie.split('=');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addCookies([{ name, value, url: seat.url }]);
  const tab = await context.newPage();
  const scripts: Promise<number>[] = [];
  tab.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  await tab.goto(`${seat.url}/rooms/${seat.roomId}`);
  await tab.waitForLoadState('networkidle');
  const paintSeconds = Number(await tab.evaluate(largestPaint)) / 1_000;
  const scriptKilobytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0) / 1_024;
  await context.close();
  return { paintSeconds, scriptKilobytes };
}

/** The first page of the site, as somebody meets it on a phone and a slow line. */
async function visitByPhone(browser: Browser, { seats }: Product): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const tab = await context.newPage();
  await (await context.newCDPSession(tab)).send('Network.emulateNetworkConditions', slowLine);
  await tab.goto(seats[0]?.url ?? '');
  await tab.waitForLoadState('networkidle');
  const paintSeconds = Number(await tab.evaluate(largestPaint)) / 1_000;
  await context.close();
  return paintSeconds;
}

function slowFigure(paints: readonly number[]): Figure {
  return {
    ...{ id: 'page.slow', what: 'first page, phone on slow 4G: largest contentful paint', unit: 'seconds' },
    ...{ product: median([...paints]), yardstick: null, goal: { atMost: limits.slowPaintSeconds } },
  };
}

function figuresOf(visits: readonly Visit[]): Figure[] {
  const over = (pick: (visit: Visit) => number) => ({ product: median(visits.map(pick)), yardstick: null });
  return [
    {
      ...{ id: 'page.paint', what: 'room page, cold cache: largest contentful paint', unit: 'seconds' },
      ...{ ...over(({ paintSeconds }) => paintSeconds), goal: { atMost: limits.paintSeconds } },
    },
    {
      ...{ id: 'page.script', what: 'room page: script, gzipped', unit: 'kilobytes' },
      ...{ ...over(({ scriptKilobytes }) => scriptKilobytes), goal: { atMost: limits.scriptKilobytes } },
    },
  ];
}
