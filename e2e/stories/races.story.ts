import type { Page } from '@playwright/test';
import { agreeOn, cardOf, command, makeDeal, makePaidDeal, milestoneOf } from '../deal.ts';
import { expect, test, type Visitor } from '../fixtures.ts';

const cardIn = (page: Page) => page.getByRole('complementary').getByRole('article', { name: 'First draft' });

test('X6 UX 46 whoever is late reads who did what instead, also before the live link says so, and the panel gives way', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  const late = await client.context.newPage();
  const link = { isSilent: false };
  await late.routeWebSocket(/socket[.]io/, (page) => {
    page.connectToServer().onMessage((message) => {
      if (!link.isSilent) page.send(message);
    });
  });
  const goToRoom = async () => {
    link.isSilent = false;
    await late.goto(client.page.url());
    await expect(late.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  };
  // A page in the background is not drawn frame by frame.
  await late.addInitScript(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => (isBehind() ? 'hidden' : 'visible') });
    const draw = requestAnimationFrame.bind(window);
    const isBehind = () => document.documentElement.hasAttribute('data-behind');
    window.requestAnimationFrame = (run) => (isBehind() ? 0 : draw(run));
  });
  const mine = 'You did this elsewhere';
  const lost = async (words: string, title = 'Decided in the meantime') => {
    const dialog = late.getByRole('dialog');
    await expect(dialog.getByText(title)).toBeVisible();
    await expect(dialog.getByText(words)).toBeVisible();
    await expect(dialog, 'its title asks for nothing any more').toHaveAccessibleName('First draft');
    await expect(dialog.getByRole('button', { name: /^(Pay|Approve|Accept|Confirm)/ })).toHaveCount(0);
    return dialog;
  };

  await goToRoom();
  await cardIn(late).getByRole('button', { name: 'Fund' }).click();
  await late.getByRole('dialog').getByLabel('Pay with').click();
  await late.getByRole('option', { name: /Without a card/ }).click();
  link.isSilent = true;
  const { payment } = await client.post<{ payment: { id: string } }>(server.url, `${path}/funding`, {
    commandId: crypto.randomUUID(),
  });
  await late.getByRole('button', { name: 'Pay €1,242.35' }).click();
  await lost('began to pay €1,242.35 for ‘First draft’', mine);

  const bank = (outcome: string) => client.post(server.url, '/test/money', { paymentId: payment.id, outcome });
  await bank('challenge');
  await goToRoom();
  await cardIn(late).getByRole('button', { name: 'Finish paying' }).click();
  await expect(late.getByRole('dialog').getByRole('button', { name: 'Confirm €1,242.35' })).toBeVisible();
  await bank('succeed');
  const dialog = await lost('‘First draft’ is funded: €1,200.00 is held');
  await dialog.getByRole('button', { name: 'Details' }).click();
  await expect(late.getByRole('dialog', { name: 'First draft' }), 'on to how it stands').toBeVisible();
  await late.keyboard.press('Escape');

  const propose = (amountMinor: number) => freelancer.post(server.url, `${path}/changes/proposals`, { amountMinor });
  await propose(100_000);
  await cardIn(late).getByRole('button', { name: 'Look at the proposal' }).click();
  await expect(late.getByRole('dialog').getByRole('insertion')).toHaveText('€1,000.00');
  await propose(90_000);
  await (
    await lost('proposed a change of ‘First draft’')
  )
    .getByRole('button', { name: 'Look at the proposal' })
    .click();
  await expect(late.getByRole('dialog').getByRole('insertion')).toHaveText('€900.00');
  await cardIn(freelancer.page).getByRole('button', { name: 'Details' }).click();
  await freelancer.page.getByRole('button', { name: 'My proposal' }).click();
  await freelancer.page.getByRole('button', { name: 'Take it back' }).click();
  await lost('took back the proposed change of ‘First draft’');
  await late.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

  await cardIn(late).getByRole('button', { name: 'Details' }).click();
  await late.getByRole('button', { name: 'Release a part' }).click();
  await late.getByLabel('Amount to release (EUR)').fill('1200');
  await expect(late.getByRole('button', { name: 'Release €1,200.00' })).toBeEnabled();
  await late.evaluate(() => document.documentElement.setAttribute('data-behind', ''));
  await client.post(server.url, `${path}/release`, { amountMinor: 20_000, commandId: crypto.randomUUID() });
  const overtaken = await lost('released €200.00 of ‘First draft’ early', mine);
  await late.evaluate(() => document.documentElement.removeAttribute('data-behind'));
  await overtaken.getByRole('button', { name: 'Release a part' }).click();
  await expect(late.getByRole('dialog').getByText('€1,000.00')).toBeVisible();
  await late.keyboard.press('Escape');

  await freelancer.post(server.url, `${path}/submission`, { note: 'Here it is.', files: [] });
  await cardIn(late).getByRole('button', { name: 'Approve' }).click();
  await expect(late.getByRole('button', { name: 'Approve and release €1,000.00' })).toBeVisible();
  await client.post(server.url, `${path}/release`, { amountMinor: 100_000, commandId: crypto.randomUUID() });
  await lost('released €1,000.00 of ‘First draft’ early');
  await late.close();
});

test('X18 J02 UX 46 a bank’s question that is left open while the work is approved elsewhere: the panel says so, and asks for nothing', async ({
  visit,
  server,
}) => {
  const { client, freelancer, path } = await makePaidDeal(visit, server);
  const { url } = server;
  await freelancer.post(url, `${path}/start`, command());
  const { milestone } = await freelancer.post<{ milestone: { submission: { id: string } } }>(
    url,
    `${path}/submission`,
    { note: 'Here it is', files: [], ...command() },
  );
  await agreeOn(130_000, { client, freelancer }, url, path);
  const { page } = client;
  const dialog = page.getByRole('dialog');
  await cardOf(client).getByRole('button', { name: 'Pay the difference' }).click();
  await dialog.getByLabel('Pay with').click();
  await page.getByRole('option', { name: 'A test card: asks for a confirmation' }).click();
  await dialog.getByRole('button', { name: /^Pay €/ }).click();
  await expect(dialog.getByText('In test money you are the bank')).toBeVisible();
  await client.post(url, `${path}/approval`, { submissionId: milestone.submission.id, ...command() });
  await expect(dialog.getByText('Decided in the meantime'), 'it was something else').toBeVisible();
  await expect(dialog.getByText(/approved ‘First draft’/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Try again/ })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const room = (person: Visitor) => person.page.getByRole('log');
  await expect(room(client).getByText(/The attempt to pay .* has ended/)).toHaveCount(1);
  await expect(room(freelancer).getByText('The difference for ‘First draft’ was not paid')).toHaveCount(1);
});
