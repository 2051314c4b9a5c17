import { expect, test, twoInRoom } from '../fixtures.ts';

test('UX 46 what is asked for off the line says so, and opens when the line is back', async ({
  visit,
  server,
  line,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const { context } = client;
  line.mayBreak = true;
  const late = page.getByText('What you asked for has not arrived.');

  await context.setOffline(true);
  await page.getByRole('button', { name: 'Room actions' }).click();
  await expect(late).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole('menu')).toBeVisible();
  await expect(late).toBeHidden();
  await page.keyboard.press('Escape');

  await context.setOffline(true);
  await page.getByRole('button', { name: 'Plan a milestone' }).click();
  await expect(late).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole('dialog', { name: 'Plan a milestone' })).toBeVisible();
  await expect(late).toBeHidden();
});

test('UX 46 N01 what is said while its place cannot be fetched is said all the same', async ({
  visit,
  server,
  line,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page, context } = client;
  await context.grantPermissions(['clipboard-write']);
  await client.say('Something to copy');
  const message = client.message('Something to copy');
  await message.hover();
  await message.getByRole('button', { name: 'More actions' }).click();
  line.mayBreak = true;
  await context.setOffline(true);
  await page.getByRole('menuitem', { name: 'Copy link' }).click();
  await expect(page.getByRole('status').getByText('Link copied.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.locator('[data-sonner-toast]').getByText('Link copied.')).toBeVisible();
});

test('UX 46 a page that the line does not bring says that there is no connection, and opens when it is back', async ({
  visit,
  server,
  line,
}) => {
  const client = await visit('Olive Offline', 'client');
  await client.register(server.url);
  const { page, context } = client;
  await page.goto(`${server.url}/dashboard`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  line.mayBreak = true;
  await context.setOffline(true);
  await page.getByRole('link', { name: 'Payments', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'There is no connection' })).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('status').getByText('Still no connection.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole('heading', { name: 'Payments' })).toBeVisible();
});
