import type { Page, Route } from '@playwright/test';
import { cardOf, command, makeDeal, makePaidDeal, milestoneOf } from '../deal.ts';
import { expect, test } from '../fixtures.ts';

/** The server has it, and its answer goes this way. */
async function answerBy(
  page: Page,
  answer: (route: Route, carried: Awaited<ReturnType<Route['fetch']>>) => Promise<void>,
) {
  await page.route('**/release', async (route) => answer(route, await route.fetch()));
}

test('G2 X6 UX 46 an answer that is late or lost: the panel stands as it was pressed, and it is done once', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = line.mayFail = true;
  const { client, path } = await makePaidDeal(visit, server);
  const { page } = client;
  const dialog = page.getByRole('dialog');
  const lines = page.getByRole('log').getByText('released €10.01 of ‘First draft’ early');
  const release = async () => {
    await cardOf(client).getByRole('button', { name: 'Details' }).click();
    await page.getByRole('button', { name: 'Release a part' }).click();
    await page.getByLabel('Amount to release (EUR)').fill('10.01');
    await page.getByRole('button', { name: 'Release €10.01' }).click();
  };
  const sums = dialog.getByRole('definition');

  let answer = (): void => undefined;
  const later = new Promise<void>((resolve) => (answer = resolve));
  await answerBy(page, async (route, response) => {
    await later;
    await route.fulfill({ response });
  });
  await release();
  await expect(lines, 'the room has heard of it').toHaveCount(1);
  await expect(sums.filter({ hasText: '€1,189.99' }), 'counted as it was pressed').toHaveCount(1);
  await expect(dialog.getByText('Decided in the meantime')).toHaveCount(0);
  answer();
  await expect(dialog).toHaveCount(0);
  await page.unroute('**/release');

  let lost = 0;
  await answerBy(page, (route, response) => (lost++ === 0 ? route.abort() : route.fulfill({ response })));
  await release();
  await expect(dialog, 'asked again by itself, under the same id').toHaveCount(0);
  await expect(lines).toHaveCount(2);
  expect(lost).toBe(2);
  await page.unroute('**/release');

  const unclear: ((route: Route) => Promise<void>)[] = [
    (route) => route.abort(),
    (route) => route.fulfill({ status: 503, json: { code: 'unavailable', detail: '', requestId: 'request' } }),
    (route) => route.fulfill({ status: 201, body: '{"milestone":{"id"' }),
  ];
  await answerBy(page, (route) => unclear.shift()?.(route) ?? route.abort());
  await release();
  await expect(dialog.getByText('It is not known whether this was done')).toBeVisible();
  await expect(lines).toHaveCount(3);
  const isInert = (field: Element) => field.closest('[inert]') !== null;
  expect(await page.getByLabel('Amount to release (EUR)').evaluate(isInert), 'no other amount in its place').toBe(true);
  await expect(sums.filter({ hasText: '€1,169.97' })).toHaveCount(1);
  await page.unroute('**/release');
  await page.getByRole('button', { name: 'Release €10.01' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(lines, 'and no more').toHaveCount(3);
  await cardOf(client).getByRole('button', { name: 'Details' }).click();
  await expect(dialog.getByText('€1,169.97').first()).toBeVisible();

  await page.getByRole('button', { name: 'Release a part' }).click();
  await client.post(server.url, `${path}/release`, { amountMinor: 500, commandId: crypto.randomUUID() });
  await expect(dialog.getByText('You did this elsewhere')).toBeVisible();
});

test('G2 X6 UX 46 as long as nobody knows whether an attempt was given up, it cannot be paid in its place', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = line.mayFail = true;
  const { client, projectId } = await makeDeal(visit, server);
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  const { payment } = await client.post<{ payment: { id: string } }>(server.url, `${path}/funding`, command());
  await client.post(server.url, '/test/money', { paymentId: payment.id, outcome: 'challenge' });
  const { page } = client;
  const dialog = page.getByRole('dialog');
  const button = (name: string) => dialog.getByRole('button', { name });
  const unclear = dialog.getByText('It is not known whether this was done');

  let asked = 0;
  await page.route('**/test/money', async (route) => (asked++ < 3 ? route.abort() : route.continue()));
  await cardOf(client).getByRole('button', { name: 'Finish paying' }).click();
  await button('Refuse').click();
  await expect(unclear).toBeVisible();
  await expect(button('Confirm €1,242.35')).toBeDisabled();
  await expect(button('Give up this attempt')).toBeDisabled();
  await button('Refuse').click();
  await expect(dialog.getByText('declined').first()).toBeVisible();
  await page.unroute('**/test/money');

  await page.route('**/cancellation', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await button('Close').first().click();
  await cardOf(client).getByRole('button', { name: 'Try again' }).click();
  await button('Give up this attempt').click();
  await expect(unclear).toBeVisible();
  await expect(button('Try again: pay €1,242.35')).toBeDisabled();
  await expect(page.getByRole('log').getByText('gave up paying €1,242.35')).toHaveCount(1);
  await page.unroute('**/cancellation');
  await button('Give up this attempt').click();
  await expect(dialog, 'the same command: it was done').toHaveCount(0);
  await expect(cardOf(client).getByRole('button', { name: 'Fund' })).toBeVisible();
});
