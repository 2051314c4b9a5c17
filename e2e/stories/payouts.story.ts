import { cardOf, makeDealWithoutPayouts, milestoneOf, openRoom, pay, press } from '../deal.ts';
import { expect, test } from '../fixtures.ts';

test('J04 J16 UX 32 what is released waits where both see it for payouts that are set up; the form is left, taken up again and finished', async ({
  visit,
  server,
}) => {
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
  await expect(cardOf(client).getByText(/waits until the freelancer/), 'half is not enough').toBeVisible();

  await page.getByRole('button', { name: 'Go on with the set-up' }).click();
  await page.getByRole('button', { name: 'Finish the set-up' }).click();
  await expect(page.getByText('Active', { exact: true })).toBeVisible();
  await expect(client.timeline.getByText('€1,080.00 for ‘First draft’ reached the freelancer')).toBeVisible();
  await expect(cardOf(client).getByText('Paid').first()).toBeVisible();

  await page.reload();
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
  await press(asked.getByRole('button', { name: 'Pay out €1,080.00' }));
  const payout = page.getByRole('listitem').filter({ hasText: '€1,080.00' });
  await expect(payout).toContainText(/Left on .*20\d\d/);
  await expect(page.getByRole('group', { name: 'Payouts' }), 'the focus goes on with the money').toBeFocused();
  await expect(payout, 'and by itself when the bank has it').toContainText(/Arrived about .*20\d\d/);
  await page.goto(`${server.url}/payments/payouts/test-money`);
  await expect(page, 'there is nothing left to fill in').toHaveURL(`${server.url}/payments/payouts`);
  await openRoom(freelancer, server, roomId);
  await expect(page.getByRole('link', { name: /set-up|Set up/ })).toHaveCount(0);
});
