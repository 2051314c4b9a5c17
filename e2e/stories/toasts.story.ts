import { makeDealWithoutPayouts, makePaidDeal, milestoneOf, pay } from '../deal.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 360, height: 640 },
]) {
  test(`UX 62 what is said in passing covers neither the composer nor its button at ${viewport.width} pixels`, async ({
    visit,
    server,
  }) => {
    const { client } = await twoInRoom(visit, [server, server]);
    const { page } = client;
    await page.setViewportSize(viewport);
    await page.context().grantPermissions(['clipboard-write']);
    await client.say('Something to copy');
    await client.openActions('Something to copy');
    await page.getByRole('menuitem', { name: 'Copy link' }).click();
    const toast = page.locator('[data-sonner-toast]');
    await expect(toast).toBeVisible();
    const composer = page.getByRole('textbox', { name: 'Message', exact: true });
    for (const part of [composer, page.getByRole('button', { name: 'Send' })])
      await expect.poll(async () => overlap(await toast.boundingBox(), await part.boundingBox())).toBe(false);
    // Once more where it still moved between the two looks.
    await expect(async () => {
      const close = await toast.getByRole('button', { name: 'Close' }).boundingBox();
      const around = await toast.boundingBox();
      expect(Math.min(close?.width ?? 0, close?.height ?? 0), 'a target for a thumb').toBeGreaterThanOrEqual(24);
      expect(inside(close, around), 'the button that puts it away is a part of it').toBe(true);
    }).toPass();
    await composer.fill(Array.from({ length: 8 }, (_, line) => `Line ${line}`).join('\n'));
    await expect.poll(async () => overlap(await toast.boundingBox(), await composer.boundingBox())).toBe(false);
  });
}

test('UX 12 what was said on a page goes with it when one goes on', async ({ visit, server, line }) => {
  line.mayBreak = true;
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await client.say('Something to mend');
  // The other one may have read it by now.
  await expect(client.message('Something to mend')).toContainText(/Sent|Seen/);
  await page.route('**/api/v1/rooms/*/messages/*', (route) => route.abort('internetdisconnected'));
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.press('ArrowUp');
  await expect(composer).toHaveValue('Something to mend');
  await composer.fill('Something mended');
  await composer.press('Enter');
  const toast = page.locator('[data-sonner-toast]');
  await expect(toast).toContainText('The server cannot be reached.');
  await page.getByRole('link', { name: 'Payments', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Payments' })).toBeVisible();
  // By itself it would stay for ten seconds.
  await expect(toast).toHaveCount(0, { timeout: 4_000 });
});

for (const viewport of [
  { width: 1440, height: 800 },
  { width: 360, height: 640 },
]) {
  test(`UX 62 UX 31 what was done is not said on top of the next thing to do at ${viewport.width} pixels`, async ({
    visit,
    server,
  }) => {
    const { freelancer } = await makePaidDeal(visit, server);
    const { page } = freelancer;
    await page.setViewportSize(viewport);
    await freelancer.timeline.getByRole('button', { name: 'Start work' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start work' }).click();
    const toast = page.locator('[data-sonner-toast]');
    await expect(toast).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    for (const next of await page.getByRole('button', { name: 'Hand in' }).filter({ visible: true }).all())
      await expect.poll(async () => overlap(await toast.boundingBox(), await next.boundingBox())).toBe(false);
  });
}

test('UX 62 J04 that payouts are set up is not said on top of the button that pays out', async ({ visit, server }) => {
  const { client, freelancer, projectId } = await makeDealWithoutPayouts(visit, server);
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  await pay(client, server.url, path);
  await freelancer.post(server.url, '/payout-account/onboarding', { commandId: crypto.randomUUID() });
  await freelancer.post(server.url, `${path}/submission`, { note: 'Three screens.', files: [] });
  await client.post(server.url, `${path}/release`, { amountMinor: 120_000, commandId: crypto.randomUUID() });
  await freelancer.post(server.url, '/test/payout-account', { part: 'person' });
  const { page } = freelancer;
  await page.setViewportSize({ width: 360, height: 640 });
  await page.goto(`${server.url}/payments/payouts`);
  await page.getByRole('button', { name: 'Go on with the set-up' }).click();
  await page.getByRole('button', { name: 'Finish the set-up' }).click();
  const toast = page.locator('[data-sonner-toast]');
  await expect(toast).toBeVisible();
  const payOut = page.getByRole('button', { name: /^Pay out/ });
  // Where it lay on it: at the lower edge.
  await payOut.evaluate((it) => it.scrollIntoView({ block: 'end' }));
  await expect.poll(async () => overlap(await toast.boundingBox(), await payOut.boundingBox())).toBe(false);
});

type Box = { x: number; y: number; width: number; height: number } | null;

function overlap(a: Box, b: Box): boolean {
  if (!a || !b) return true;
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function inside(a: Box, b: Box): boolean {
  if (!a || !b) return false;
  return a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
}
