import { expect, test } from '../fixtures.ts';
import { linkMailedTo } from '../mail.ts';

test('A18 another address waits, can be taken back, and is there in every tab once its link was opened', async ({
  visit,
  server,
}) => {
  const ada = await visit('Ada Moves', 'client');
  await ada.register(server.url);
  const wish = `moved-${ada.email}`;
  const { page } = ada;
  await page.goto(`${server.url}/settings?tab=address`);
  const elsewhere = await ada.context.newPage();
  await elsewhere.goto(`${server.url}/settings?tab=address`);
  for (const tab of [page, elsewhere]) await expect(tab.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  const waiting = (tab: typeof page) => tab.getByRole('group', { name: 'Waiting for its link to be opened' });

  const ask = async () => {
    await page.getByLabel('New address').fill(wish);
    await page.getByLabel('Current password').fill(ada.password);
    await page.getByRole('button', { name: 'Change address' }).click();
  };
  await ask();
  for (const tab of [page, elsewhere]) {
    await expect(waiting(tab)).toContainText(wish);
    await expect(waiting(tab)).toContainText(`Until then your address stays ${ada.email}`);
  }
  const early = await linkMailedTo(server, wish, /\/verify\?token=/);
  await elsewhere.getByRole('button', { name: 'Take the change back' }).click();
  for (const tab of [page, elsewhere]) await expect(waiting(tab)).toHaveCount(0);

  await ask();
  await expect(waiting(page)).toBeVisible();
  await expect.poll(() => linkMailedTo(server, wish, /\/verify\?token=/)).not.toBe(early);
  await page.goto(await linkMailedTo(server, wish, /\/verify\?token=/));
  await expect(page.getByRole('heading', { name: 'Your address is confirmed' })).toBeVisible();
  await expect(waiting(elsewhere)).toHaveCount(0);
  await expect(elsewhere.getByText(wish, { exact: true })).toBeVisible();
});
