import type { Page } from '@playwright/test';
import { makeDeal, milestoneOf } from '../deal.ts';
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
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  const { payment } = await client.post<{ payment: { id: string } }>(server.url, `${path}/funding`, {
    commandId: crypto.randomUUID(),
  });
  const bank = (outcome: string) => client.post(server.url, '/test/money', { paymentId: payment.id, outcome });
  await bank('succeed');
  await client.post(server.url, `${path}/release`, { amountMinor: 30_000, commandId: crypto.randomUUID() });
  await expect(client.timeline.getByText('€270.00 for ‘First draft’ reached the freelancer')).toBeVisible();
  for (const { page } of [client, freelancer]) await page.goto(`${server.url}/payments`);
  await expect(tile(client.page, 'Held')).toContainText('Waits for your approval');
  await expect(client.page.getByText('Taken back by your bank')).toHaveCount(0);

  await bank('chargeback');
  const [frozen, atRisk] = ['€900.00 of it frozen by a chargeback', '€270.00 may be taken back: a chargeback is open'];
  await expect(tile(client.page, 'Held'), 'it moves by itself').toContainText(frozen);
  await expect(tile(client.page, 'Held')).not.toContainText('Waits for your approval');
  await expect(tile(client.page, 'Taken back by your bank')).toContainText('€1,242.35 of it is not decided yet');
  await expect(tile(client.page, 'Spent')).toContainText('€342.35');
  await expect(tile(freelancer.page, 'Held for you')).toContainText(frozen);
  await expect(tile(freelancer.page, 'Earned in total')).toContainText(atRisk);
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
});
