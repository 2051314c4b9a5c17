import type { Page } from '@playwright/test';
import { expect, test, twoInRoom } from '../fixtures.ts';

/** Holds what the page asks of the API until it is let go, and tells how often it was asked. */
async function holdAnswers(page: Page, method: string): Promise<{ asked: () => number; letGo: () => void }> {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  let count = 0;
  await page.route('**/api/v1/**', async (route) => {
    if (route.request().method() !== method) return route.fallback();
    count += 1;
    await gate;
    await route.fallback();
  });
  return { asked: () => count, letGo };
}

test('S07 on the way to a page that is slow to come something says so, on every way', async ({ visit, server }) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const ways = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  for (const name of ['Dashboard', 'Projects', 'Files', 'Notifications', 'Payments']) {
    await page.goto(`${server.url}/settings`);
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
    const { letGo } = await holdAnswers(page, 'GET');
    await ways.filter({ hasText: name }).click();
    const waiting = page.getByRole('progressbar', { name: 'Loading the page' });
    await expect(waiting.or(page.locator('.skeleton').first()).first(), name).toBeVisible();
    letGo();
    await expect(waiting).toHaveCount(0);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
  }
});

test('S07 what was asked for is busy until it is done, and asked for once however often one presses', async ({
  visit,
  server,
}) => {
  const { client, projectId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const acts = [
    {
      path: '/settings?tab=profile',
      method: 'PATCH',
      button: 'Save changes',
      prepare: () => page.getByLabel('Headline').fill('Harbour office'),
    },
    {
      path: '/settings?tab=address',
      method: 'PUT',
      button: 'Change address',
      prepare: async () => {
        await page.getByLabel('New address').fill(`other-${client.email}`);
        await page.getByLabel('Current password').fill(client.password);
      },
    },
    {
      path: `/projects/${projectId}?open=milestone`,
      method: 'POST',
      button: 'Save milestone',
      prepare: async () => {
        await page.getByLabel('Title').fill('Second draft');
        await page.getByLabel('Amount').fill('100');
        await page.getByLabel('Done when').fill('All pages');
      },
    },
  ];
  for (const { path, method, button, prepare } of acts) {
    await page.goto(server.url + path);
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
    await prepare();
    const { asked, letGo } = await holdAnswers(page, method);
    const act = page.getByRole('button', { name: button });
    await act.click();
    await expect(act, button).toHaveAttribute('aria-busy', 'true');
    await act.click({ force: true });
    await page.keyboard.press('Enter');
    letGo();
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
    expect(asked(), button).toBe(1);
  }
});
