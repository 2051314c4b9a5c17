import { cardOf, command, makePaidDeal, openRoom } from '../deal.ts';
import { expect, test, type Visitor } from '../fixtures.ts';

async function details({ page }: Visitor) {
  await page.getByRole('complementary').getByRole('button', { name: 'Details' }).click();
  return page.getByRole('dialog', { name: 'First draft' });
}

/** A table of amounts says each of these lines. */
async function expectSums(person: Visitor, sums: Record<string, string>): Promise<void> {
  for (const [label, amount] of Object.entries(sums))
    await expect(person.page.getByRole('dialog').locator('dl > div').filter({ hasText: label })).toContainText(amount);
}

test('I09 I13 X18 UX 32 UX 33 after a part was given back everything said beforehand counts with what is held, and the end tells both halves', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId, path } = await makePaidDeal(visit, server);
  await freelancer.post(server.url, `${path}/refund`, { amountMinor: 40_000, reason: 'Less to do', ...command() });
  for (const person of [client, freelancer]) await openRoom(person, server, roomId);
  const { page } = freelancer;

  await test.step('a lower amount: what stays held, what of it would come, and that its service fee is kept', async () => {
    await (await details(freelancer)).getByRole('button', { name: 'Propose a change' }).click();
    const propose = page.getByRole('dialog', { name: 'Propose a change of First draft' });
    await propose.getByLabel('Amount').fill('1000');
    await expect(propose).toContainText(
      '€200.00 would go back to the client. The client’s service fee for it does not come back.',
    );
    await expectSums(freelancer, { 'Stays held': '€600.00', 'You get after the platform fee': '€540.00' });
    await propose.getByRole('button', { name: 'Propose the change' }).click();
    await cardOf(client).getByRole('button', { name: 'Look at the proposal' }).click();
    const look = client.page.getByRole('dialog');
    await expect(look).toContainText(
      '€200.00 would go back to you. The service fee you paid for it does not come back.',
    );
    await expectSums(client, { 'Stays held': '€600.00', 'gets after the platform fee': '€540.00' });
    await look.getByRole('button', { name: 'Accept the change' }).click();
    await expect(cardOf(freelancer).getByText('€600.00 of €1,000.00 is held.')).toBeVisible();
  });

  await test.step('handing in: the details, the dialog and the line name what is held', async () => {
    await freelancer.post(server.url, `${path}/start`, command());
    await details(freelancer);
    await expectSums(freelancer, { 'You get': '€540.00' });
    await page.keyboard.press('Escape');
    await cardOf(freelancer).getByRole('button', { name: 'Hand in' }).click();
    const submit = page.getByRole('dialog', { name: 'Hand in First draft' });
    await expect(submit).toContainText('Then €540.00 is released to you by itself.');
    await submit.getByLabel('What is done').fill('All of it');
    await submit.getByRole('button', { name: 'Hand in First draft' }).click();
    await expect(client.timeline.getByText('handed in ‘First draft’, delivery 1, for €600.00')).toBeVisible();
  });

  await test.step('ending it: both read what was released before and stays, and the card tells both halves', async () => {
    await client.post(server.url, `${path}/release`, { amountMinor: 10_000, ...command() });
    await expect(cardOf(client).getByText('€500.00 of €1,000.00 is held.')).toBeVisible();
    await (await details(client)).getByRole('button', { name: 'Ask to end it' }).click();
    const end = client.page.getByRole('dialog', { name: 'Ask to end First draft' });
    await expectSums(client, { 'Goes back to you': '€500.00', 'Stays with the freelancer': '€90.00' });
    await expect(end).toContainText('The €100.00 that was released, less the platform fee of €10.00.');
    await end.getByLabel('Reason').fill('Plans changed');
    await end.getByRole('button', { name: 'Ask to end it' }).click();
    await cardOf(freelancer).getByRole('button', { name: 'Answer' }).click();
    await expectSums(freelancer, { 'Goes back to the client': '€500.00', 'Stays with you': '€90.00' });
    await page.getByRole('button', { name: 'End it and give €500.00 back' }).click();
    const back = '€1,100.00 went back to';
    await expect(cardOf(client).getByText(`€90.00 reached the freelancer. ${back} you.`)).toBeVisible();
    await expect(cardOf(freelancer).getByText(`€90.00 reached your payout account. ${back} the client.`)).toBeVisible();
  });
});

test('J09 J15 UX 33 whoever paid reads in the details what his bank took back, with the fee, also of what had been released', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId, path, bank } = await makePaidDeal(visit, server);
  await client.post(server.url, `${path}/release`, { amountMinor: 120_000, ...command() });
  for (const person of [client, freelancer]) await openRoom(person, server, roomId);
  await expect(cardOf(client).getByText('Paid').first()).toBeVisible();
  await bank('chargeback');
  await bank('chargeback_lost');
  await expect(cardOf(client).getByText('Charged back').first()).toBeVisible();
  const dialog = await details(client);
  await expectSums(client, { 'Taken back by your bank': '€1,242.35' });
  await expect(dialog.getByText('does not come back')).toHaveCount(0);
  await expect((await details(freelancer)).getByText('Taken back by your bank')).toHaveCount(0);
});

test('J09 J15 UX 33 a refund that comes back after a lost chargeback is counted once: what the bank brought of it is in what it took', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId, path, bank } = await makePaidDeal(visit, server);
  await freelancer.post(server.url, `${path}/refund`, { amountMinor: 50_000, reason: 'As agreed', ...command() });
  for (const person of [client, freelancer]) await openRoom(person, server, roomId);
  await expect(client.page.getByText('went back to you').first()).toBeVisible();
  for (const outcome of ['chargeback', 'chargeback_lost', 'refund_returned'] as const) await bank(outcome);
  await expect(cardOf(client).getByRole('button', { name: 'Refund again' })).toBeVisible();
  const dialog = await details(client);
  await expectSums(client, { 'Taken back by your bank': '€742.35', 'Refund that did not arrive': '€457.65' });
  await expect(dialog.getByText(/Went back to/)).toHaveCount(0);
  await client.page.goto(`${server.url}/payments`);
  await client.page.getByRole('link', { name: 'Show where' }).click();
  await expect(client.page).toHaveURL(/kind=refund_returned/);
  await client.page.getByRole('main').getByRole('link', { name: 'First draft' }).click();
  await expect(cardOf(client).getByRole('button', { name: 'Refund again' })).toBeVisible();
});
