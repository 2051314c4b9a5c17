import type { Route } from '@playwright/test';
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
  await client.openActions('Something to copy');
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
  await page.goto(`${server.url}/payments`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.getByRole('link', { name: 'Dashboard', exact: true }).first().click();
  await expect(page).toHaveURL(/dashboard/);
  await page.reload();
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  line.mayBreak = true;
  await context.setOffline(true);
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'There is no connection' })).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('status').getByText('Still no connection.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole('heading', { name: 'Payments' })).toBeVisible();
});

test('UX 46 a link whose page the line does not bring leaves what stands on the screen, typed words too, and says so', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, roomId } = await twoInRoom(visit, [server, server]);
  const { page, context } = client;
  const room = `${server.url}/rooms/${roomId}`;
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.fill('Half a sentence');
  await context.setOffline(true);
  await page.getByRole('link', { name: 'Payments', exact: true }).click();
  const notice = page.getByText('There is no connection, so the page cannot be opened.');
  await expect(notice).toBeVisible();
  await expect(page).toHaveURL(room);
  await expect(composer).toHaveValue('Half a sentence');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(notice).toBeVisible();
  await expect(page).toHaveURL(room);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Payments' })).toBeVisible();
  await expect(notice).toHaveCount(0);
});

test('UX 46 a page that cannot ask who one is now stays as it is, and follows when it can', async ({
  visit,
  server,
  line,
}) => {
  const client = await visit('Stella Stays', 'client');
  await client.register(server.url);
  const { page, context } = client;
  await page.goto(`${server.url}/profile`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.waitForLoadState('networkidle');
  let reloads = 0;
  page.on('domcontentloaded', () => (reloads += 1));
  line.mayBreak = true;
  const asks = '**/__data.json*';
  await page.route(asks, (route) => route.abort('internetdisconnected'));
  const asked = page.waitForEvent('requestfailed', (request) => request.url().includes('__data.json'));
  const headers = { origin: server.url };
  await context.request.patch(`${server.url}/api/v1/auth/profile`, { data: { displayName: 'Stella Moved' }, headers });
  await asked;
  await page.getByRole('link', { name: 'Projects', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Projects', exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel('Your name')).toHaveValue(client.name);
  await page.unroute(asks);
  await expect(page.getByLabel('Your name')).toHaveValue('Stella Moved');
  expect(reloads, 'the browser never left the page').toBe(0);
});

test('UX 46 a page that is to be read anew and cannot be stays as it is, typed words too, and follows when it can', async ({
  visit,
  server,
  line,
}) => {
  const { client, projectId } = await twoInRoom(visit, [server, server]);
  const { page, context } = client;
  line.mayBreak = true;
  const offline = (route: Route) => route.abort('internetdisconnected');
  const change = (path: string, data: object) =>
    context.request.patch(`${server.url}/api/v1${path}`, { data, headers: { origin: server.url } });

  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.fill('Half a sentence');
  let reloads = 0;
  page.on('domcontentloaded', () => (reloads += 1));
  await page.route('**/api/v1/rooms/**', offline);
  await change('/auth/profile', { displayName: 'Clara Changed' });
  await expect(page.getByRole('button', { name: /^Your account.*Clara Changed/ })).toBeVisible();
  await expect(composer).toHaveValue('Half a sentence');
  await page.unroute('**/api/v1/rooms/**', offline);
  await client.say('and the other half');
  await expect(client.message('and the other half')).toHaveCount(1);
  expect(reloads, 'the browser never left the room').toBe(0);

  await page.goto(`${server.url}/projects/${projectId}`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.waitForLoadState('networkidle');
  await page.route('**/api/v1/projects/*', offline);
  const asked = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/v1/projects/'));
  await change(`/projects/${projectId}`, { title: 'Harbour museum' });
  await asked;
  await expect(page.getByRole('heading', { name: 'Harbour website' })).toBeVisible();
  await page.unroute('**/api/v1/projects/*', offline);
  await expect(page.getByRole('heading', { name: 'Harbour museum' })).toBeVisible();
  expect(reloads, 'nor the project, which it was led to').toBe(1);
});

test('UX 46 a link out of the program leads nowhere off the line, and says so', async ({ visit, server, line }) => {
  const client = await visit('Lena Link', 'client');
  await client.register(server.url);
  const { page, context } = client;
  await page.goto(`${server.url}/settings?tab=tokens`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('Backup script');
  await page.getByRole('button', { name: 'Create token' }).click();
  const made = page.getByRole('dialog', { name: 'Your new token' });
  await expect(made).toBeVisible();
  await page.keyboard.press('Escape');
  await page
    .getByRole('alertdialog', { name: 'Have you kept the token?' })
    .getByRole('button', { name: 'Cancel' })
    .click();
  await expect(made.getByRole('code'), 'S09 what is shown once is not lost by a key that slipped').toBeVisible();
  const secret = await made.getByRole('code').innerText();
  await made.getByRole('button', { name: 'I have kept it' }).click();
  await expect(made).toBeHidden();
  await expect(page.getByText(/never used/)).toBeVisible();
  const used = await fetch(`${server.url}/api/v1/rooms`, { headers: { authorization: `Bearer ${secret}` } });
  expect(used.status).toBe(200);
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(page.getByText(/last used/), 'whoever comes back to the page sees it').toBeVisible();
  const out = page.getByRole('link', { name: 'API documentation' });
  await page.waitForLoadState('networkidle');
  line.mayBreak = true;
  await context.setOffline(true);
  await out.click();
  await expect(page.getByText('There is no connection, so the page cannot be opened.')).toBeVisible();
  await expect(page).toHaveURL(/tab=tokens/);
  await context.setOffline(false);
  await out.click();
  await expect(page).toHaveURL(/api[/]docs/);
});
