import { milestoneOf, proveAddress } from '../deal.ts';
import { expect, test, twoInRoom, type Visitor } from '../fixtures.ts';
import { card, choose, expectClean, Folder, onePage, pixel } from '../files.ts';
import type { Server } from '../server.ts';

const folder = new Folder();
test.beforeAll(() => folder.open());
test.afterAll(() => folder.close());

/** The project's milestone is paid for, and one of the files in its room handed in for it. */
async function handIn(server: Server, client: Visitor, freelancer: Visitor, projectId: string, name: string) {
  const { url } = server;
  await proveAddress(server, client);
  const read = async <Answer>(path: string) =>
    (await (await freelancer.context.request.get(`${url}/api/v1${path}`)).json()) as Answer;
  const milestone = `/milestones/${await milestoneOf(freelancer, url, projectId)}`;
  const { payment } = await client.post<{ payment: { id: string } }>(url, `${milestone}/funding`, { commandId: 'pay' });
  await client.post(url, '/test/money', { paymentId: payment.id, outcome: 'succeed' });
  const { items } = await read<{ items: { id: string; current: { version: number; sha256: string } }[] }>(
    `/files?q=${name}`,
  );
  const files = items.map(({ id: fileId, current: { version, sha256 } }) => ({ fileId, version, sha256 }));
  await freelancer.post(url, `${milestone}/submission`, { note: 'Here it is', files });
  return payment.id;
}

test('H02 UX 30 H03 the files of all rooms are found by name, kind and milestone, shown, taken along, and kept as evidence', async ({
  visit,
  server,
  line,
}) => {
  const { client, freelancer, projectId } = await twoInRoom(visit, [server, server]);
  const names = ['plan.pdf', 'dot.png', 'notes.txt'];
  const contents = [onePage('Harbour contract'), Buffer.from(pixel, 'base64'), 'what we said'];
  for (const [at, name] of names.entries()) {
    await choose(freelancer, await folder.file(name, contents[at] ?? ''));
    await expect(card(freelancer, name)).toBeVisible();
  }
  await expect(card(freelancer, 'plan.pdf').locator('img'), 'H10 its first page').toBeVisible();
  await expect(card(freelancer, 'dot.png').locator('img')).toBeVisible();
  const paymentId = await handIn(server, client, freelancer, projectId, 'plan.pdf');

  const { page } = client;
  const main = page.getByRole('main');
  const rows = main.getByRole('listitem');
  const asked: string[] = [];
  page.on('request', (request) => /\/api\/v1\/files\/[0-9a-f-]{36}$/.test(request.url()) && asked.push(request.url()));
  await page.goto(`${server.url}/files`);
  await expect(rows).toHaveCount(3);
  await expect(rows.locator('img')).toHaveCount(2);
  expect(asked, 'the list says which pictures there are').toEqual([]);
  await expectClean(page);

  // With keys alone from here on: choose a milestone, open its file, come back.
  const milestone = main.getByLabel('Handed in for');
  await milestone.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('option', { name: /First draft/ })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/milestone=/);
  await page.reload();
  await expect(rows).toContainText('plan.pdf');
  await page.getByRole('button', { name: 'Open plan.pdf' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'plan.pdf' }).getByRole('img', { name: 'Page 1' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Open plan.pdf' })).toBeFocused();
  const archive = page.waitForEvent('download');
  await main.getByRole('link', { name: 'Download these' }).press('Enter');
  expect((await archive).suggestedFilename()).toBe('Harbour website.zip');

  await page.goto(`${server.url}/files?kind=video&view=grid`);
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await expectClean(page);
  await page.getByRole('link', { name: 'Clear the filters' }).press('Enter');
  await expect(rows).toHaveCount(3);
  await expectClean(page);
  await main.getByRole('searchbox').pressSequentially('NOTES');
  await expect(rows).toHaveCount(1);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('dot.png');
  await page.getByRole('option', { name: /dot\.png/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'dot.png' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/[?&]file=/);

  line.mayRefuse = true;
  await client.post(server.url, '/test/money', { paymentId, outcome: 'chargeback' });
  await page.goto(`${server.url}/files?q=plan`);
  await page.getByRole('button', { name: 'More for plan.pdf' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Remove' }).click();
  await expect(question).toContainText('it was handed in for “First draft”, whose money is in dispute');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(rows).toContainText('plan.pdf');
  await page.getByRole('button', { name: 'More for plan.pdf' }).click();
  await page.getByRole('menuitem', { name: 'Versions and details' }).click();
  await expect(page.getByRole('dialog', { name: 'plan.pdf' })).toContainText(
    'Handed in for “First draft”: it stays, for both sides. Its money is in dispute.',
  );
});

test('UX 46 H02 a list of files that cannot be read says so and is read again; off the line a viewer is late, not silent', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client } = await twoInRoom(visit, [server, server]);
  const { page, context } = client;
  await choose(client, await folder.file('offline.txt', 'soon'));
  await expect(card(client, 'offline.txt')).toBeVisible();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Open offline.txt' }).click();
  await expect(page.getByText('What you asked for has not arrived.')).toBeVisible();
  await context.setOffline(false);
  const viewer = page.getByRole('dialog', { name: 'offline.txt' });
  await expect(viewer).toContainText('soon');
  await page.keyboard.press('Escape');
  await expect(viewer).toHaveCount(0);
  // Closing goes one step back: another journey that begins meanwhile would be cut off by it.
  await expect(page).not.toHaveURL(/[?&]file=/);
  await page.goto(`${server.url}/files`);
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Grid', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await context.setOffline(false);
  // The page is brought with the line; whoever is impatient may press the button.
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
});
