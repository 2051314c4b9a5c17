import type { Page } from '@playwright/test';
import { expect, test, twoInRoom } from '../fixtures.ts';
import { Keyboard } from '../keyboard.ts';

/** Where the message is drawn that is read at the top of the screen. */
const topOf = (page: Page, text: string) =>
  page
    .getByRole('log')
    .getByRole('article')
    .filter({ hasText: text })
    .evaluate((it) => it.getBoundingClientRect().top);

test('UX 5 6 7 by keyboard: what comes while I read above moves nothing, End leads to it, and the line of the new is gone when I return', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const post = (body: string) =>
    freelancer.post(server.url, `/rooms/${roomId}/messages`, { commandId: crypto.randomUUID(), body });
  await page.goto(`${server.url}/dashboard`);
  for (let n = 1; n <= 40; n++) await post(`Line ${n}.`);
  await page.goto(`${server.url}/rooms/${roomId}`);
  const line = client.timeline.getByText('New', { exact: true });
  await expect(line).toBeInViewport();
  const keys = new Keyboard(page);
  await keys.toPart(client.timeline);
  await page.keyboard.press('End');
  await expect(client.message('Line 40.')).toBeInViewport();
  const jump = page.getByRole('button', { name: /^Jump to latest/ });
  await expect(jump).toHaveCount(0);
  const badge = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Harbour website' });
  await expect(badge, 'all is read').toHaveText('Harbour website');

  for (let n = 0; n < 2; n++) await page.keyboard.press('PageUp');
  await expect(jump).toHaveText('Jump to latest');
  await expect(client.message('Line 40.')).not.toBeInViewport();
  const read = await client.timeline
    .getByRole('article')
    .filter({ hasText: /Line \d+\./ })
    .evaluateAll((all) => all.find((it) => it.getBoundingClientRect().top > 120)?.textContent ?? '');
  const mark = /Line \d+\./.exec(read)?.[0] ?? '';
  const before = await topOf(page, mark);
  for (const body of ['Late one.', 'Late two.', 'Late three.']) await post(body);
  await expect(jump).toHaveText('Jump to latest · 3 new');
  expect(Math.abs((await topOf(page, mark)) - before), 'UX 7').toBeLessThanOrEqual(1);
  await page.keyboard.press('End');
  await expect(client.message('Late three.')).toBeInViewport();
  await expect(jump).toHaveCount(0);
  await expect(badge, 'all is read').toHaveText('Harbour website');

  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  await expect(page).toHaveURL(/\/dashboard$/);
  await badge.click();
  await expect(client.message('Late three.')).toBeInViewport();
  await expect(line, 'UX 5').toHaveCount(0);
});

test('UX 14 16 61 by keyboard: a reaction from the whole picker; who types is named and forgotten; new messages alone are spoken', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await freelancer.say('Before you came back');
  await expect(client.message('Before you came back')).toBeVisible();
  await page.reload();
  await expect(client.message('Before you came back')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await expect(client.timeline).toHaveAccessibleName('Timeline of Harbour website');
  const spoken = page.getByText(/^Frida Freelancer: /);
  await freelancer.say('Now that you are here');
  await expect(spoken, 'history is silent').toHaveText('Frida Freelancer: Now that you are here');
  const row = client.timeline.getByRole('article', { name: /^Frida Freelancer, .*\d:\d\d/ }).last();
  await expect(row).toContainText('Now that you are here');
  expect(Number(await row.getAttribute('aria-posinset'))).toBe(Number(await row.getAttribute('aria-setsize')));

  await new Keyboard(page).toPart(client.timeline);
  await page.keyboard.press('ArrowUp');
  await expect(row).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(row.getByRole('toolbar').locator(':focus'), 'UX 60 among its actions').toHaveCount(1);
  await page.keyboard.press('ArrowUp');
  await expect(client.message('Before you came back'), 'UX 60 and on to the next row from there').toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row).toBeFocused();
  await page.keyboard.press('+');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('rocket');
  await expect(page.getByRole('option', { name: /rocket/i }).first()).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(
    freelancer.message('Now that you are here').getByRole('button', { name: /🚀.*Clara Client/ }),
  ).toBeVisible();

  const typing = page.getByText('Frida Freelancer is typing');
  await freelancer.page.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('Half a thought');
  await expect(typing).toBeVisible();
  await freelancer.page.close();
  await expect(typing).toHaveCount(0);
});

test('UX 65 help is in the same place of every page', async ({ visit, server }) => {
  const client = await visit('Hanna Helped', 'client');
  await client.register(server.url);
  const { page } = client;
  for (const path of ['/dashboard', '/projects', '/messages', '/payments', '/settings']) {
    await page.goto(server.url + path);
    await new Keyboard(page).press(page.getByRole('banner').getByRole('button', { name: /Hanna Helped/ }));
    await expect(page.getByRole('menuitem', { name: 'Support' })).toHaveAttribute('href', '/support');
    await page.keyboard.press('Escape');
  }
});
