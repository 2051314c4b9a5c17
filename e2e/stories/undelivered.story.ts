import type { Locator } from '@playwright/test';
import { breakInserts } from '../broken.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';
import { Keyboard } from '../keyboard.ts';

test('S08 UX 2 UX 46 UX 67 what the server fails at again and again says so, lets the next go on, and is sent once when asked', async ({
  visit,
  startServer,
}) => {
  const server = await startServer();
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const mend = await breakInserts(server.databaseUrl, 'fact_payloads', `new.data::text like '%ill-fated%'`);
  await client.say('An ill-fated line');
  await client.say('A line behind it');
  const failed = client.message('An ill-fated line');
  await expect(failed).toContainText('Not sent · The server failed at it several times.');
  await expect(failed).toContainText(/Request id [\w-]{8,}/);
  await expect(freelancer.message('A line behind it')).toHaveCount(1);
  await expect(client.timeline.getByRole('article').last(), 'it stands behind what went on').toContainText('ill-fated');
  await expect(client.page.getByText('A message was not sent')).toBeAttached();
  await client.page.reload();
  await expect(failed, 'a reload loses neither the words nor the reason').toContainText('Not sent ·');
  await mend();
  await new Keyboard(client.page).press(failed.getByRole('button', { name: 'Retry' }));
  await expect(freelancer.message('An ill-fated line')).toHaveCount(1);
  await expect(failed).not.toContainText('Not sent');
  await expect(failed).toHaveCount(1);
});

test('X04 UX 2 a browser that keeps nothing says that a message is in this tab only, and sends it all the same', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server], async ({ page }) => {
    await page.addInitScript(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('The disk is full.', 'QuotaExceededError');
      };
    });
  });
  await client.context.setOffline(true);
  await client.say('From a full disk');
  await expect(client.message('From a full disk')).toContainText('Kept in this tab only.');
  await client.context.setOffline(false);
  await expect(freelancer.message('From a full disk')).toHaveCount(1);
  await expect(client.message('From a full disk')).not.toContainText('Kept in this tab only.');
  await client.say('And another one');
  await expect(freelancer.message('And another one')).toHaveCount(1);
});

test('UX 46 what fails on the server’s side names its request, to be copied, in passing and in a list of results', async ({
  visit,
  line,
  startServer,
}) => {
  line.mayFail = true;
  const server = await startServer();
  const owner = await visit('Una Lucky', 'client');
  await owner.register(server.url);
  const { page } = owner;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const project = { title: 'Harbour website', description: '', currency: 'EUR' };
  await owner.post(server.url, '/projects', project);
  const mend = await breakInserts(server.databaseUrl, 'project_archives');
  const copied = async (from: Locator) => {
    await from.getByRole('button', { name: 'Copy' }).press('Enter');
    await expect(from.getByRole('button', { name: 'Copied' })).toBeVisible();
    expect(await from.innerText()).toContain(await page.evaluate(() => navigator.clipboard.readText()));
  };
  await page.goto(`${server.url}/projects`);
  await page.getByRole('checkbox', { name: /Harbour website/ }).click();
  await page.getByRole('button', { name: 'Archive' }).press('Enter');
  const result = page.getByRole('dialog', { name: 'Result' });
  await expect(result).toContainText('The server failed to do this.');
  await copied(result);
  await page.keyboard.press('Escape');

  await page
    .getByRole('main')
    .getByRole('link', { name: /Harbour website/ })
    .click();
  await page.getByRole('button', { name: 'Project actions' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Archive' }).press('Enter');
  const toast = page.locator('[data-sonner-toast]');
  await expect(toast).toContainText('The server failed to do this.');
  await copied(toast);
  await mend();
  await toast.getByRole('button', { name: 'Try again' }).press('Enter');
  await expect(page).toHaveURL(/\/projects$/);
});
