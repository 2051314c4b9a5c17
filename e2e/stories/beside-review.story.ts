import { agreeOn, cardOf, makePaidDeal } from '../deal.ts';
import { expect, test } from '../fixtures.ts';

test('I13 UX 31 UX 33 a request to end what was handed in stands beside the review: the client answers either, and approving says what becomes of the other', async ({
  visit,
  server,
}) => {
  const { client, freelancer, path } = await makePaidDeal(visit, server);
  await freelancer.post(server.url, `${path}/submission`, { note: 'Three screens.', files: [] });
  await freelancer.post(server.url, `${path}/cancellation`, { reason: 'No time left' });
  for (const place of [cardOf(client), client.timeline]) {
    for (const name of ['Answer', 'Approve', 'Request changes'])
      await expect(place.getByRole('button', { name })).toBeVisible();
  }
  await expect(cardOf(freelancer).getByRole('button', { name: 'Answer' })).toHaveCount(0);
  const dialog = client.page.getByRole('dialog');
  await cardOf(client).getByRole('button', { name: 'Answer' }).click();
  await expect(dialog.getByText('Test money', { exact: true }), 'nothing real moves').toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await cardOf(client).getByRole('button', { name: 'Approve' }).click();
  await expect(
    dialog.getByText(/^Frida Freelancer has asked to end it: €1,200[.]00 would go back to you/),
  ).toBeVisible();
  await expect(dialog.getByRole('heading', { level: 3, name: 'Delivery 1' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Approve and release €1,200.00' }).click();
  await expect(
    client.timeline.getByText(/approved ‘First draft’.* With that the request to end it is over/),
  ).toBeVisible();
});

test('X18 UX 16 UX 33 whoever approves reads that a change is open and what becomes of it, and the room says that it is over', async ({
  visit,
  server,
}) => {
  const { client, freelancer, path } = await makePaidDeal(visit, server);
  await freelancer.post(server.url, `${path}/submission`, { note: 'Three screens.', files: [] });
  const dialog = client.page.getByRole('dialog', { name: 'Approve First draft?' });
  await cardOf(client).getByRole('button', { name: 'Approve' }).click();
  await expect(dialog.getByText('proposed a change')).toHaveCount(0);
  const change = { amountMinor: 150_000, commandId: crypto.randomUUID() };
  const { milestone } = await freelancer.post<{ milestone: { proposal: { hash: string } } }>(
    server.url,
    `${path}/changes/proposals`,
    change,
  );
  const theirs = 'Frida Freelancer has proposed a change. With your approval the proposal is over';
  await expect(dialog.getByText(theirs), 'also one that comes while he looks').toBeVisible();
  await freelancer.post(server.url, `${path}/proposals/${milestone.proposal.hash}/decline`, {});
  await expect(dialog.getByText(theirs)).toHaveCount(0);
  await client.post(server.url, `${path}/changes/proposals`, { amountMinor: 90_000, commandId: crypto.randomUUID() });
  await expect(dialog.getByText('You have proposed a change. With your approval your proposal is over')).toBeVisible();
  await dialog.getByRole('button', { name: 'Approve and release €1,200.00' }).click();
  for (const { timeline } of [client, freelancer])
    await expect(timeline.getByText(/released €1,200[.]00[.] With that the proposed change is over/)).toBeVisible();
});

test('X18 UX 31 UX 33 what was handed in is approved while an agreed difference is unpaid: beside paying it, by a link, and the change is over', async ({
  visit,
  server,
}) => {
  const { client, freelancer, milestoneId, path } = await makePaidDeal(visit, server);
  await agreeOn(150_000, { client, freelancer }, server.url, path);
  await freelancer.post(server.url, `${path}/submission`, { note: 'Three screens.', files: [] });
  for (const place of [cardOf(client), client.timeline]) {
    for (const name of ['Pay the difference', 'Approve', 'Request changes'])
      await expect(place.getByRole('button', { name })).toBeVisible();
  }
  await expect(cardOf(client)).toContainText('Once it is approved or released, the agreed change is over.');
  await expect(cardOf(freelancer).getByRole('button', { name: 'Approve' })).toHaveCount(0);
  const { page } = client;
  await page.goto(new URL(`?milestone=${milestoneId}&do=approve`, page.url()).href);
  const dialog = page.getByRole('dialog', { name: 'Approve First draft?' });
  await expect(dialog.getByText('Both sides agreed to a change that is not paid yet.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Approve and release €1,200.00' }).click();
  for (const { timeline } of [client, freelancer])
    await expect(timeline.getByText(/released €1,200[.]00[.] With that the proposed change is over/)).toBeVisible();
});
