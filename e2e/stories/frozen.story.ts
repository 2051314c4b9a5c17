import type { Page } from '@playwright/test';
import { agreeOn, cardOf, command, makePaidDeal, openRoom, pay } from '../deal.ts';
import { expect, test, type Visitor } from '../fixtures.ts';

async function details({ page }: Visitor) {
  await page.getByRole('complementary').getByRole('button', { name: 'Details' }).click();
  return page.getByRole('dialog', { name: 'First draft' });
}
const stepsOf = (page: Page) =>
  page
    .getByRole('complementary')
    .getByRole('list', { name: /First draft/ })
    .getByRole('listitem');

test('X22 J15 I09 UX 31 while a part is frozen the other is released and given back, with words that name both; the steps say what happened', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId, path } = await makePaidDeal(visit, server);
  await agreeOn(150_000, { client, freelancer }, server.url, path);
  const bank = await pay(client, server.url, path);
  for (const person of [client, freelancer]) await openRoom(person, server, roomId);
  await expect(
    client.timeline.getByText('€300.00 more is paid for ‘First draft’: €1,500.00 is held now'),
  ).toBeVisible();

  await bank('chargeback');
  const opened = '€300.00 of what is held is frozen, €1,200.00 stays free';
  for (const person of [client, freelancer]) {
    await expect(person.timeline.getByText(opened)).toBeVisible();
    await expect(cardOf(person).getByText('Frozen in part')).toBeVisible();
    await expect(cardOf(person).getByText('€1,200.00 is free')).toBeVisible();
  }
  await (await details(client)).getByRole('button', { name: 'Release a part' }).click();
  const release = client.page.getByRole('dialog', { name: 'Release a part of First draft' });
  await expect(release).toContainText('€1,200.00 can be released. €300.00 more is frozen');
  await expect(release).toContainText('That cannot be undone.');
  await expect(release.getByText('Test money')).toBeVisible();
  await release.getByLabel('Amount to release').fill('1200.01');
  await expect(release.getByText('Enter at most €1,200.00: the rest of what is held is frozen.')).toBeVisible();
  await release.getByLabel('Amount to release').fill('900');
  await release.getByRole('button', { name: 'Release €900.00' }).click();
  await expect(client.timeline.getByText('€810.00 for ‘First draft’ reached the freelancer')).toBeVisible();

  await (await details(freelancer)).getByRole('button', { name: 'Give money back' }).click();
  const refund = freelancer.page.getByRole('dialog', { name: 'Give money of First draft back' });
  await expect(refund).toContainText('€300.00 can be given back. €300.00 more is frozen');
  await refund.getByLabel('Amount to give back').fill('100');
  for (const sum of ['Clara Client gets back', '€100.00', 'Stays held', '€500.00', '€300.00 of it frozen'])
    await expect(refund).toContainText(sum);
  await expect(refund).toContainText(
    'the rest stays held. The client’s service fee does not come back. That cannot be undone.',
  );
  await refund.getByRole('button', { name: 'Cancel' }).click();

  await bank('chargeback_won');
  await expect(cardOf(freelancer).getByText('€600.00 of €1,500.00 is held.')).toBeVisible();
  await (await details(freelancer)).getByRole('button', { name: 'Propose a change' }).click();
  const propose = freelancer.page.getByRole('dialog', { name: 'Propose a change of First draft' });
  await propose.getByLabel('Amount').fill('899');
  await expect(propose.getByText('Enter at least €900.00: that much is not held any more.')).toBeVisible();
  await expect(propose.getByText('would go back to the client')).toHaveCount(0);
  await expect(propose.getByRole('button', { name: 'Propose the change' })).toBeDisabled();
  await propose.getByLabel('Amount').fill('900');
  await expect(propose.getByText('€600.00 would go back to the client.')).toBeVisible();
  await propose.getByLabel('Amount').fill('1000');
  await expect(propose).toContainText('The client’s service fee for it does not come back.');
  for (const sum of ['Stays held', '€100.00', 'You get after the platform fee', '€90.00'])
    await expect(propose).toContainText(sum);
  await propose.getByRole('button', { name: 'Cancel' }).click();

  await client.post(server.url, `${path}/release`, { amountMinor: 60_000, ...command() });
  await expect(cardOf(client).getByText('Paid').first()).toBeVisible();
  await expect(stepsOf(client.page)).toContainText(['Funded', 'Delivered', 'Released', 'Paid']);
  await expect(stepsOf(client.page).nth(1)).toContainText('Did not happen');
});
