import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { agreeOn, command, makeDeal, makePaidDeal, milestoneOf, openRoom, pay } from '../deal.ts';
import { expect, test } from '../fixtures.ts';

const tile = (page: Page, name: string) =>
  page
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .first();

test('J15 P05 while a chargeback is open the wallet names what is frozen and at risk; a lost one is taken back and not spent', async ({
  visit,
  server,
}) => {
  const { client, freelancer, path, bank } = await makePaidDeal(visit, server);
  await client.post(server.url, `${path}/release`, { amountMinor: 30_000, ...command() });
  await expect(client.timeline.getByText('€270.00 for ‘First draft’ reached the freelancer')).toBeVisible();
  for (const { page } of [client, freelancer]) await page.goto(`${server.url}/payments`);
  await expect(tile(client.page, 'Held')).toContainText('Kept safe until it is released or comes back');
  await expect(client.page.getByText('Taken back by your bank')).toHaveCount(0);

  await expect(tile(freelancer.page, 'Held for you')).toContainText('before the platform fee');
  await freelancer.page.setViewportSize({ width: 360, height: 640 });
  const next = freelancer.page.getByRole('link', { name: 'When it reaches your bank' });
  expect((await next.boundingBox())?.height, 'UX 64 a thumb hits what stands below a figure').toBeGreaterThanOrEqual(
    44,
  );
  await freelancer.page.setViewportSize({ width: 1440, height: 900 });
  await bank('chargeback');
  const [frozen, atRisk] = ['€900.00 of it frozen by a chargeback', '€270.00 may be taken back: a chargeback is open'];
  await expect(tile(client.page, 'Held'), 'it moves by itself').toContainText(frozen);
  await expect(tile(client.page, 'Held')).not.toContainText('Kept safe until');
  await expect(tile(client.page, 'Taken back by your bank')).toContainText('€1,242.35 of it is not decided yet');
  await expect(tile(client.page, 'Spent')).toContainText('€342.35');
  await expect(tile(freelancer.page, 'Held for you')).toContainText(frozen);
  await expect(tile(freelancer.page, 'Earned in total')).toContainText(atRisk);
  for (const name of ['Payouts', 'Transactions', 'Overview'])
    await freelancer.page.getByRole('navigation', { name: 'Payments' }).getByRole('link', { name }).click();
  await expect(tile(freelancer.page, 'Held for you'), 'what was heard once stays').toContainText(frozen);
  for (const { page } of [client, freelancer]) await page.goto(`${server.url}/dashboard`);
  await expect(tile(client.page, 'Held')).toContainText(frozen);
  await expect(tile(freelancer.page, 'Held for you')).toContainText(frozen);
  await expect(tile(freelancer.page, 'Earned')).toContainText(atRisk);

  await client.page.goto(`${server.url}/payments`);
  await bank('chargeback_lost');
  await expect(tile(client.page, 'Spent')).toContainText('€0.00');
  await expect(tile(client.page, 'Spent')).toContainText('less what your bank took back');
  await expect(tile(client.page, 'Taken back by your bank')).toContainText('€1,242.35');
  await expect(client.page.getByText('not decided yet')).toHaveCount(0);
  await expect(freelancer.page.getByText(/frozen by a chargeback|may be taken back/), 'by itself').toHaveCount(0);
  // Who looks at his papers finds those that are due; the lines lead to them then.
  await freelancer.page.goto(`${server.url}/payments/invoices`);
  const notes = freelancer.page.getByRole('row').filter({ hasText: 'Credit note' });
  await expect(notes.filter({ hasText: '-€30.00' })).toContainText('· First draft');
  await expect(notes).toHaveCount(2);
  const saving = freelancer.page.waitForEvent('download');
  await freelancer.page.getByRole('button', { name: 'Download CSV' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('safesend-invoices.csv');
  expect(await readFile(await saved.path(), 'utf8'), 'UX 36').toMatch(/Credit note,.*,First draft,.*,-30[.]00,EUR,yes/);
  await freelancer.page.goto(`${server.url}/payments`);
  await expect(tile(freelancer.page, 'Earned in total')).toContainText('less the €270.00 lost to chargebacks');
  const takenBack = freelancer.page.getByRole('row').filter({ hasText: 'Taken back' });
  await expect(takenBack.getByRole('link', { name: /^Taken back: Credit note .+, PDF$/ })).toHaveCount(2);
});

test('X18 J08 a release of two payments is one line, one notification and one receipt for each side', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId, path } = await makePaidDeal(visit, server);
  await agreeOn(150_000, { client, freelancer }, server.url, path);
  await pay(client, server.url, path);
  for (const person of [client, freelancer]) await openRoom(person, server, roomId);
  await client.post(server.url, `${path}/release`, { amountMinor: 150_000, ...command() });
  const whole = 'reached the freelancer: the €1,500.00 released, less a fee of €150.00';
  await expect(client.timeline.getByText(`€1,350.00 for ‘First draft’ ${whole}`)).toBeVisible();
  await expect(client.timeline.getByText('reached the freelancer')).toHaveCount(1);
  await expect(freelancer.timeline.getByText('reached your payout account')).toHaveCount(1);
  await client.page.reload();
  await expect(client.timeline.getByText(whole)).toBeVisible();
  await expect(client.timeline.getByText('reached the freelancer')).toHaveCount(1);
  await client.page.goto(`${server.url}/notifications`);
  await expect(client.page.getByText(/The €1,500.00 released for .* is paid/)).toHaveCount(1);
  await expect(client.page.getByText(/after the platform fee/)).toHaveCount(0);
  for (const [{ page }, sum] of [
    [client, '€1,500.00'],
    [freelancer, '€1,350.00'],
  ] as const) {
    await page.goto(`${server.url}/payments/invoices`);
    await expect(page.getByRole('row').filter({ hasText: 'Receipt' }).filter({ hasText: sum })).toHaveCount(1);
  }
});

test('P05 UX 60 what cannot be a day, a period, an amount or a project is said where it stands; a removed card hands the focus on', async ({
  visit,
  server,
}) => {
  const person = await visit('Clara Client', 'client');
  await person.register(server.url);
  const { page } = person;
  const open = async (url: string) => {
    await page.goto(url);
    await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
  };
  await open(`${server.url}/payments/statements?from=2026-01-01&until=2026-01-31`);
  await page.getByLabel('Until').fill('2025-12-31');
  const until = page.getByLabel('Until');
  await until.blur();
  await expect(until).toHaveAccessibleDescription(/It ends before it begins. Below is still .*2026 to .*2026/);
  await until.fill('2026-02-28');
  await until.blur();
  await expect(page).toHaveURL(/from=2026-01-01&until=2026-02-28/);
  await expect(until).not.toHaveAttribute('aria-invalid');
  await open(`${server.url}/payments/statements?from=2026-02-30&until=2026-03-01`);
  await expect(page.getByLabel('From')).toHaveAccessibleDescription(/This is not a day/);

  await open(`${server.url}/payments/transactions`);
  const least = page.getByLabel('Amount from');
  for (const text of ['-5', '1e9']) {
    await least.fill(text);
    await expect(least, text).toHaveAccessibleDescription(/Nothing is filtered by this/);
  }
  await least.fill('5');
  await expect(least).not.toHaveAttribute('aria-invalid');
  await open(`${server.url}/payments/transactions?project=xyz`);
  await expect(page.getByText('No movement matches this filter.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(page.getByText('No movement yet')).toBeVisible();

  await open(`${server.url}/payments/methods`);
  const rows = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Valid until' });
  for (const count of [1, 2]) {
    await page.getByRole('button', { name: 'Save a card' }).click();
    await expect(rows).toHaveCount(count);
  }
  await rows.first().getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).press('Enter');
  await expect(rows).toHaveCount(1);
  await expect(rows.getByRole('button', { name: 'Remove' })).toBeFocused();
});

test('UX 33 L6 the page of a payment leads to where it goes on; of one that is not mine, or never was, it says that there is none', async ({
  visit,
  server,
}) => {
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  const { payment } = await client.post<{ payment: { id: string } }>(server.url, `${path}/funding`, command());
  await client.post(server.url, '/test/money', { paymentId: payment.id, outcome: 'decline' });
  const none = 'There is no such payment of yours';
  for (const [{ page }, id] of [
    [client, 'garbage'],
    [client, crypto.randomUUID()],
    [freelancer, payment.id],
  ] as const) {
    await page.goto(`${server.url}/pay/${id}`);
    await expect(page.getByText(none), id).toBeVisible();
    await expect(page.getByText('New cards cannot be entered')).toHaveCount(0);
  }
  const { page } = client;
  await page.goto(`${server.url}/pay/${payment.id}`);
  await expect(page.getByText('The card was declined and nothing was charged.')).toBeVisible();
  await page.getByRole('link', { name: 'Finish in the room' }).click();
  await expect(page.getByRole('dialog', { name: 'Finish paying for First draft' })).toBeVisible();
});

test('UX 31 UX 57 UX 59 on a phone an amount does not break within its number, dates are those of the browser, and what a client paid is no debt', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await makeDeal(visit, server);
  const { project } = await client.post<{ project: { id: string; roomId: string } }>(server.url, '/projects', {
    ...{ title: 'Booth', description: 'In Kuwait', currency: 'KWD' },
    milestones: [{ title: 'Walls', amountMinor: 1_234_560, criteria: 'They stand' }],
  });
  const { invitation } = await client.post<{ invitation: { id: string } }>(
    server.url,
    `/projects/${project.id}/invitations`,
    { username: freelancer.username, role: 'freelancer' },
  );
  await freelancer.post(server.url, `/invitations/${invitation.id}/acceptance`, {});
  await pay(client, server.url, `/milestones/${await milestoneOf(client, server.url, project.id)}`);

  const { page } = freelancer;
  await page.setViewportSize({ width: 360, height: 640 });
  await expect(async () => {
    await page.goto(`${server.url}/payments`);
    await expect(tile(page, 'Held for you')).toContainText('1,234.560', { timeout: 2_000 });
  }).toPass();
  const rows = await tile(page, 'Held for you')
    .getByText('1,234.560')
    .evaluate(({ childNodes }) => {
      const text = [...childNodes].find((it) => it.nodeValue?.includes('1,234.560'));
      if (!text) return [];
      const range = document.createRange();
      const from = text.nodeValue?.indexOf('1,234.560') ?? 0;
      range.setStart(text, from);
      range.setEnd(text, from + '1,234.560'.length);
      return [...range.getClientRects()].map(({ top }) => top);
    });
  expect(rows).toHaveLength(1);

  const drawn = await (await client.page.goto(`${server.url}/payments/transactions`))?.text();
  expect(drawn, 'as the server draws it').toMatch(/\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d/);
  const date = /^\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d$/;
  await expect(client.page.getByRole('cell').filter({ hasText: date }).first()).toBeVisible();

  await client.page.getByRole('link', { name: 'Statements' }).click();
  await expect(client.page.getByText('-KWD 1,277.880')).toBeVisible();
  await expect(client.page.getByText(/That alone is no debt/)).toBeVisible();
  await page.goto(`${server.url}/payments/statements`);
  await expect(page.getByText('Nothing moved in this period.')).toBeVisible();
});
