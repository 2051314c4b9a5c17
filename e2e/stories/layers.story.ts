import { makeDeal, milestoneOf } from '../deal.ts';
import { dropped } from '../files.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';

const phone = { width: 360, height: 640 };

test('UX 57 on a phone Back closes what lies above the room and only then leaves it, and Forward breaks nothing', async ({
  visit,
  server,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await page.setViewportSize(phone);
  await page.goto(`${server.url}/messages`);
  await page
    .getByRole('main')
    .getByRole('link', { name: /Harbour website/ })
    .click();
  await expect(client.timeline).toBeVisible();
  const room = page.url();
  const details = page.getByRole('button', { name: 'Details' });
  const dialog = page.getByRole('dialog');
  const index = () => page.evaluate(() => navigation.currentEntry?.index);
  const at = await index();
  await details.click();
  await expect(dialog).toBeVisible();
  await expect(dialog, 'read from its top').toBeFocused();
  for (const part of ['Project', 'Milestones'])
    await expect(dialog.getByRole('region', { name: part }), 'what one looks for first').toBeInViewport();
  await expect.poll(index, { message: 'one entry of its own' }).toBe((at ?? 0) + 1);
  await page.goBack();
  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL(room);
  await expect(details).toBeFocused();
  await page.goForward();
  await expect(client.timeline).toBeVisible();

  await details.press('Enter');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(details).toBeFocused();
  await client.say('Written after all that');
  await expect(client.message('Written after all that')).toHaveCount(1);

  // What leads on from a layer leaves no entry of it behind.
  await page.keyboard.press('Control+k');
  await expect(dialog).toBeVisible();
  await page.keyboard.type('Payments');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/payments$/);
  await page.goBack();
  await expect(client.timeline).toBeVisible();
  await expect(page).toHaveURL(room);
  await expect(dialog).toHaveCount(0);
  await expect.poll(index, { message: 'on the entry of the page itself' }).toBe(at);
  await page.goBack();
  await expect(page).toHaveURL(/\/messages$/);
});

test('UX 42 a file that is looked at has an address: Back closes it, a reload and a link show it', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await dropped(client, server.url, roomId, 'first.txt');
  await dropped(client, server.url, roomId, 'second.txt');
  const room = page.url();
  const viewer = (name: string) => page.getByRole('dialog', { name });
  const opener = client.timeline.getByRole('button', { name: 'Open first.txt' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(viewer('first.txt')).toContainText('What first.txt says');
  await expect(page).toHaveURL(/[?&]file=/);
  await page.goBack();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(room);
  await expect(opener).toBeFocused();
  await page.goForward();
  await expect(viewer('first.txt')).toContainText('What first.txt says');
  await page.reload();
  await expect(viewer('first.txt')).toContainText('What first.txt says');
  const link = page.url();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(room);
  await expect(client.timeline).toBeVisible();

  // The arrows go on within the one entry.
  await opener.click();
  await expect(viewer('first.txt').locator(':focus'), 'the keys are the viewer’s').toHaveCount(1);
  await page.keyboard.press('ArrowRight');
  await expect(viewer('second.txt')).toBeVisible();
  await expect(page).not.toHaveURL(link);
  await page.goBack();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(room);

  await freelancer.page.goto(link);
  await expect(freelancer.page.getByRole('dialog', { name: 'first.txt' })).toContainText('What first.txt says');
  await freelancer.page.goBack();
  await expect(freelancer.page.getByRole('dialog')).toHaveCount(0);
  await expect(freelancer.page).toHaveURL(room);
  await expect(freelancer.timeline).toBeVisible();
});

test('UX 57 UX 31 on a phone a step that a link led to is left for good: what closes it does not ask for it again', async ({
  visit,
  server,
}) => {
  const { client, projectId, roomId } = await makeDeal(visit, server);
  const { page } = client;
  await page.setViewportSize(phone);
  const milestoneId = await milestoneOf(client, server.url, projectId);
  const room = `${server.url}/rooms/${roomId}`;
  const dialog = page.getByRole('dialog');
  const ways = [() => dialog.getByRole('button', { name: 'Cancel' }).click(), () => page.goBack()];
  for (const [way, leave] of ways.entries()) {
    await page.goto(`${server.url}/messages`);
    await page.goto(`${room}?milestone=${milestoneId}&do=fund`);
    await expect(dialog).toBeVisible();
    await leave();
    await expect(dialog).toHaveCount(0);
    await client.say(`Later, ${way}`);
    await expect(client.message(`Later, ${way}`)).toHaveCount(1);
    await expect(dialog).toHaveCount(0);
    await expect(page).toHaveURL(room);
    await page.goBack();
    await expect(page, 'nothing of it is left on the way').toHaveURL(/\/messages$/);
    await page.goForward();
    await expect(client.message(`Later, ${way}`)).toHaveCount(1);
    await expect(dialog, 'nor is it asked for on the way forward').toHaveCount(0);
  }

  await page.getByRole('link', { name: 'All messages' }).click();
  await expect(page).toHaveURL(/\/messages$/);
  await page.goBack();
  await expect(client.timeline).toBeVisible();
  await expect(dialog, 'nor after a link on').toHaveCount(0);
});
