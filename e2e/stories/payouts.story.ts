import { cardOf, command, makeDeal, makeDealWithoutPayouts, milestoneOf, openRoom, pay, press } from '../deal.ts';
import { expect, test } from '../fixtures.ts';

test('J04 J16 UX 32 what is released waits where both see it for payouts that are set up; the form is left, taken up again and finished', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, projectId, roomId } = await makeDealWithoutPayouts(visit, server);
  await freelancer.post(server.url, '/payout-account/onboarding', { commandId: crypto.randomUUID() });
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  await pay(client, server.url, path);
  await freelancer.post(server.url, `${path}/submission`, { note: 'Three screens.', files: [] });
  await press(cardOf(client).getByRole('button', { name: 'Approve' }));
  await client.page.getByRole('button', { name: 'Approve and release €1,200.00' }).click();

  for (const [person, words] of [
    [client, '€1,080.00 is released and waits until the freelancer has set up payouts.'],
    [freelancer, '€1,080.00 is yours and waits for you to set up payouts.'],
  ] as const) {
    for (const place of [cardOf(person), person.timeline]) await expect(place.getByText(words)).toBeVisible();
    await expect(cardOf(person).getByText('Waiting')).toBeVisible();
    await expect(cardOf(person).getByText('Paid, done')).toHaveCount(0);
  }
  await expect(cardOf(client).getByRole('link', { name: 'Go on with the set-up' })).toHaveCount(0);
  await expect(freelancer.timeline.getByRole('link', { name: 'Go on with the set-up' })).toBeVisible();

  const { page } = freelancer;
  await cardOf(freelancer).getByRole('link', { name: 'Go on with the set-up' }).click();
  await page.getByRole('button', { name: 'Go on with the set-up' }).click();
  await expect(page.getByRole('heading', { name: 'Who you are' })).toBeVisible();
  await page.goBack();
  await expect(page.getByText('In set-up'), 'the way back leads to the payouts').toBeVisible();
  const missing = page.getByRole('listitem').filter({ hasText: /^(Who you are|Your bank account)$/ });
  await expect(missing).toHaveText(['Who you are', 'Your bank account']);
  await page.getByRole('button', { name: 'Go on with the set-up' }).click();
  await page.getByLabel('Full name').fill('');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('Full name'), 'what is missing is said').toBeFocused();
  await page.keyboard.type('Frida Freelancer');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Account number')).toBeFocused();
  await page.getByRole('link', { name: 'Not now' }).click();
  await expect(missing).toHaveText(['Your bank account']);
  await expect(page.getByText('In set-up'), 'nothing is restricted that was never active').toBeVisible();
  await expect(cardOf(client).getByText(/waits until the freelancer/), 'half is not enough').toBeVisible();

  await page.getByRole('button', { name: 'Go on with the set-up' }).click();
  await page.getByRole('button', { name: 'Finish the set-up' }).click();
  await expect(page.getByText('Active', { exact: true })).toBeVisible();
  await expect(client.timeline.getByText('€1,080.00 for ‘First draft’ reached the freelancer')).toBeVisible();
  await expect(cardOf(client).getByText('Paid').first()).toBeVisible();

  const account = page.getByRole('region', { name: 'Your payout account' });
  const payOut = account.getByRole('button', { name: 'Pay out €1,080.00' });
  await press(payOut);
  const asked = page.getByRole('alertdialog', { name: 'Pay out €1,080.00?' });
  await expect(asked).toContainText(
    'the invented bank account of test money. Once it has left it cannot be called back',
  );
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await expect(payOut, 'nothing has moved').toBeFocused();
  await expect(page.getByText('Nothing was paid out yet.')).toBeVisible();
  await press(payOut);
  await freelancer.post(server.url, '/payouts', { amountMinor: 8_000, currency: 'EUR', ...command() });
  const less = '€1,080.00 is not available any more. Now it is €1,000.00.';
  await expect(asked.getByRole('status'), 'another device was faster').toContainText(less);
  await expect(asked.getByRole('button', { name: 'Pay out €1,080.00' })).toHaveCount(0);
  await press(asked.getByRole('button', { name: 'Pay out €1,000.00' }));
  const rest = page.getByRole('alertdialog', { name: 'Pay out €1,000.00?' });
  await expect(page.getByText('Request id')).toHaveCount(0);
  await expect(page.getByText(/Arrived about/), 'which the processor knows of by now').toBeVisible();
  await press(rest.getByRole('button', { name: 'Pay out €1,000.00' }));
  const payout = page.getByRole('listitem').filter({ hasText: '€1,000.00' });
  await expect(payout).toContainText(/Left on .*20\d\d/);
  await expect(page.getByRole('group', { name: 'Payouts' }), 'the focus goes on with the money').toBeFocused();
  await expect(payout, 'and by itself when the bank has it').toContainText(/Arrived about .*20\d\d/);
  await page.goto(`${server.url}/payments/payouts/test-money`);
  await expect(page, 'there is nothing left to fill in').toHaveURL(`${server.url}/payments/payouts`);
  await openRoom(freelancer, server, roomId);
  await expect(page.getByRole('link', { name: /set-up|Set up/ })).toHaveCount(0);
});

test('J15 J16 the page of payouts follows the money: what arrives, what is at risk, what another device paid out, and what is owed', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  const { page } = freelancer;
  await page.goto(`${server.url}/payments/payouts`);
  await expect(page.getByText('Nothing was paid out yet.')).toBeVisible();
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  await client.page.goto(`${server.url}/payments/statements`);
  await expect(client.page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  const bank = await pay(client, server.url, path);
  const statement = client.page.getByRole('region', { name: 'Statement in EUR' });
  await expect(statement, 'by itself').toContainText('Paid into hold');
  await client.post(server.url, `${path}/release`, { amountMinor: 30_000, ...command() });
  const payOut = page.getByRole('button', { name: 'Pay out €270.00' });
  await expect(payOut, 'without a reload').toBeVisible();
  await bank('chargeback');
  await expect(page.getByText('€270.00 may be taken back: a chargeback is open')).toBeVisible();

  await press(payOut);
  const asked = page.getByRole('alertdialog', { name: 'Pay out €270.00?' });
  await freelancer.post(server.url, '/payouts', { amountMinor: 27_000, currency: 'EUR', ...command() });
  await expect(asked.getByRole('status')).toContainText('€270.00 is not available any more, and nothing else is.');
  await expect(asked.getByRole('button', { name: /Pay out/ })).toHaveCount(0);
  await asked.getByRole('button', { name: 'Close' }).click();
  await expect(asked).toBeHidden();
  await expect(payOut).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'Payouts' })).toContainText(/€270.00.*Arrived about/);

  await bank('chargeback_lost');
  const owed = page.getByRole('status').filter({ hasText: 'Owed: €270.00' });
  await expect(owed).toContainText('Until then that much is not paid out. A schedule leaves it there as well.');
});
