import type { Locator } from '@playwright/test';
import { expect, test, twoInRoom } from '../fixtures.ts';

const total = 1_200;

/** The first row below the upper edge of the log, and how far below. */
function firstRow(log: Locator): Promise<{ seq: number; top: number }> {
  return log.evaluate((element) => {
    const edge = element.getBoundingClientRect().top;
    const rows = [...element.querySelectorAll<HTMLElement>('[data-seq]')];
    const row = rows.find((it) => it.getBoundingClientRect().top > edge);
    return { seq: Number(row?.dataset['seq']), top: (row?.getBoundingClientRect().top ?? 0) - edge };
  });
}

function topOf(log: Locator, seq: number): Promise<number> {
  return log.evaluate(
    (element, of) =>
      (element.querySelector(`[data-seq="${of}"]`)?.getBoundingClientRect().top ?? Number.NaN) -
      element.getBoundingClientRect().top,
    seq,
  );
}

test('UX 8 7 a long history is read page by page without a jump, and few of its messages are in the page', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page, timeline } = client;
  let said = 0;
  const say = (body: string) =>
    freelancer.post(server.url, `/rooms/${roomId}/messages`, { commandId: `said-${++said}`, body });
  for (let from = 1; from <= total; from += 40) {
    const those = Array.from({ length: 40 }, (_, at) => from + at);
    await Promise.all(those.map((it) => say(`Message ${it} ${it % 5 === 0 ? 'of several lines '.repeat(30) : ''}`)));
  }
  await expect(client.message(`Message ${total} `)).toBeVisible();
  await page.evaluate(() => {
    const count = () => {
      const { most = 0 } = window as { most?: number };
      Object.assign(window, { most: Math.max(most, document.querySelectorAll('[role=article]').length) });
      requestAnimationFrame(count);
    };
    count();
  });
  await timeline.hover();
  let oldest = Number.POSITIVE_INFINITY;
  while (oldest > total - 500) {
    await page.mouse.wheel(0, -1_500);
    await expect.poll(async () => (await firstRow(timeline)).seq).toBeLessThan(oldest);
    const row = await firstRow(timeline);
    oldest = row.seq;
    // What is read before it may come in now, or may have: the row one looks at stays where it is.
    await page.waitForLoadState('networkidle');
    expect(Math.abs((await topOf(timeline, row.seq)) - row.top), `row ${row.seq}`).toBeLessThanOrEqual(1);
  }
  const looked = await firstRow(timeline);
  await say('And one more');
  await expect(page.getByRole('button', { name: /Jump to latest · 1 new/ })).toBeVisible();
  expect(Math.abs((await topOf(timeline, looked.seq)) - looked.top)).toBeLessThanOrEqual(1);
  expect(await page.evaluate(() => (window as { most?: number }).most)).toBeLessThanOrEqual(80);
});
