import { cardOf, expectAtMilestone, makeDeal, milestoneOf, press } from '../deal.ts';
import { dropped, Folder } from '../files.ts';
import { expect, test, type Visitor } from '../fixtures.ts';

const folder = new Folder();
test.beforeAll(() => folder.open());
test.afterAll(() => folder.close());

async function beginToPay(client: Visitor): Promise<void> {
  await cardOf(client).getByRole('button', { name: 'Fund' }).click();
  const dialog = client.page.getByRole('dialog', { name: 'Fund First draft' });
  await expect(
    dialog.getByText('€1,242.35').first(),
    'UX 33 the total stands there before anything moves',
  ).toBeVisible();
  await expect(dialog.getByText('Frida Freelancer').first()).toBeVisible();
  await dialog.getByLabel('Pay with').click();
  await client.page.getByRole('option', { name: /Without a card/ }).click();
  await dialog.getByRole('button', { name: 'Pay €1,242.35' }).dblclick();
  await expect(dialog).toBeHidden();
}

type Decision = 'Succeed' | 'Decline' | 'Chargeback' | 'Send the refund back';
async function decideAsBank(client: Visitor, decision: Decision): Promise<void> {
  await cardOf(client).getByRole('button', { name: 'Details' }).click();
  const panel = client.page.getByRole('region', { name: 'Test money' });
  await panel.getByRole('button', { name: decision, exact: true }).click();
  await expect(client.page.getByText('Done. The room follows by itself.').first()).toBeVisible();
  await client.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await expect(client.page.getByRole('dialog')).toBeHidden();
}

test('Y04 F06 I09 P06 P09 UX 31 33 36 from plan to pay on test money: funded, delivered, approved, paid; invoice and wallet on both sides', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  await client.page.goto(`${server.url}/dashboard`);
  await client.page.getByRole('link', { name: /First draft.*Fund/ }).click();
  await expect(client.page.getByRole('dialog', { name: 'Fund First draft' }), 'the very step').toBeVisible();
  await client.page.keyboard.press('Escape');
  await beginToPay(client);
  await decideAsBank(client, 'Succeed');
  for (const person of [client, freelancer]) {
    await expect(person.timeline.getByText('‘First draft’ is funded: €1,200.00 is held')).toBeVisible();
    await expect(cardOf(person).getByText('Test money')).toBeVisible();
  }
  const milestoneId = await milestoneOf(client, server.url, projectId);
  const { payments } = (await (
    await client.context.request.get(`${server.url}/api/v1/milestones/${milestoneId}`)
  ).json()) as { payments: unknown[] };
  expect(payments, 'a double click is one charge').toHaveLength(1);

  const { page } = freelancer;
  await press(cardOf(freelancer).getByRole('button', { name: 'Start work' }));
  await press(page.getByRole('dialog').getByRole('button', { name: 'Start work' }));
  await press(cardOf(freelancer).getByRole('button', { name: 'Hand in' }));
  await page.getByRole('dialog').getByLabel('What is done').focus();
  await page.keyboard.type('Three screens, ready to look at.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await press(cardOf(freelancer).getByRole('button', { name: 'Hand in' }));
  await expect(page.getByRole('dialog').getByLabel('What is done'), 'kept while the room is open').toHaveValue(
    'Three screens, ready to look at.',
  );
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Add files' })).toBeVisible();
  await page.getByLabel('Choose files to hand in').setInputFiles(await folder.file('screens.txt', 'Three of them'));
  await expect(page.getByRole('dialog').getByRole('checkbox', { name: 'screens.txt' })).toBeChecked();
  await press(page.getByRole('dialog').getByRole('button', { name: 'Hand in First draft' }));

  const purse = await freelancer.context.newPage();
  await purse.goto(`${server.url}/payments`);
  await expect(purse.getByText('Earned in total')).toBeVisible();
  await expect(purse.getByText('€1,080.00')).toHaveCount(0);

  const line1 = client.timeline.getByRole('article').filter({ hasText: 'handed in ‘First draft’' });
  await expect(line1).toContainText('screens.txt');
  await line1.getByRole('button', { name: 'Approve' }).click();
  const dialog = client.page.getByRole('dialog', { name: 'Approve First draft?' });
  await expect(dialog.getByText('Three screens, ready to look at.')).toBeVisible();
  await expect(dialog.getByText('€1,080.00')).toBeVisible();
  await dialog.getByRole('button', { name: 'Approve and release €1,200.00' }).click();
  for (const person of [client, freelancer]) {
    const whom = person === client ? 'the freelancer' : 'your payout account';
    await expect(person.timeline.getByText(`€1,080.00 for ‘First draft’ reached ${whom}`)).toBeVisible();
    await expect(cardOf(person).getByText('Paid').first()).toBeVisible();
  }

  await expect(purse.getByText('€1,080.00').first(), 'it moves by itself').toBeVisible();
  const receipt = purse
    .getByRole('row')
    .filter({ hasText: 'First draft' })
    .getByRole('link', { name: /^.+: Receipt .+, PDF$/ });
  await expect(receipt.first(), 'J08 and so does the document of its line').toBeVisible({ timeout: 20_000 });
  await purse.close();
  await client.page.goto(`${server.url}/payments/invoices`);
  const paper = client.page.getByRole('link', { name: /PDF of SAFESEND-/ }).first();
  const pdf = await client.context.request.get(new URL((await paper.getAttribute('href')) ?? '', server.url).href);
  expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
  await client.page.getByRole('link', { name: 'Transactions' }).click();
  await expect(client.page.getByRole('row').filter({ hasText: 'Service fee' })).toContainText('-€42.35');
});

test('UX 34 I05 I11 declined and tried again, changed since I looked, changes requested, and released by the clock', async ({
  visit,
  server,
  line,
}) => {
  test.setTimeout(240_000);
  line.mayRefuse = true;
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  await beginToPay(client);
  await decideAsBank(client, 'Decline');
  await expect(cardOf(client).getByText(/was declined and nothing was charged/)).toBeVisible();
  await expect(cardOf(freelancer).getByText(`Next: ${client.name} funds it`)).toBeVisible();
  await expect(freelancer.timeline.getByText('‘First draft’ is not paid yet')).toBeVisible();
  await cardOf(client).getByRole('button', { name: 'Try again' }).click();
  const again = client.page.getByRole('dialog');
  await expect(again.getByText('Test money', { exact: true })).toBeVisible();
  for (const [what, sum] of [
    ['Milestone', '€1,200.00'],
    ['You pay', '€1,242.35'],
  ] as const)
    await expect(again.locator('dl > div').filter({ hasText: what })).toContainText(sum);
  await expect(again.getByText(/gets after the platform fee/)).toBeVisible();
  await again.getByLabel('Pay with').click();
  await client.page.getByRole('option', { name: /Without a card/ }).click();
  await again.getByRole('button', { name: 'Try again: pay €1,242.35' }).click();
  await expect(again).toBeHidden();
  await decideAsBank(client, 'Succeed');

  const milestoneId = await milestoneOf(client, server.url, projectId);
  const submit = (note: string) =>
    freelancer.post(server.url, `/milestones/${milestoneId}/submission`, { note, files: [] });
  await submit('A first look.');
  await cardOf(client).getByRole('button', { name: 'Approve' }).click();
  const dialog = client.page.getByRole('dialog', { name: 'Approve First draft?' });
  await expect(dialog.getByText('A first look.')).toBeVisible();
  await submit('With the third screen.');
  await expect(dialog.getByText('It changed since you looked')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Approve and release/ })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Show delivery 2' }).click();
  await expect(dialog.getByText('With the third screen.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Approve and release/ })).toBeEnabled();
  await client.page.keyboard.press('Escape');

  await cardOf(client).getByRole('button', { name: 'Request changes' }).click();
  await client.page.getByLabel('What should change').fill('The logo is missing.');
  await client.page.getByRole('dialog').getByRole('button', { name: 'Request changes' }).click();
  for (const person of [client, freelancer]) {
    await expect(person.timeline.getByText(/requested changes of ‘First draft’: The logo is missing/)).toBeVisible();
    await expect(cardOf(person).getByText(/Review paused/)).toBeVisible();
  }
  await submit('Now with the logo.');
  const left = async (person: Visitor) => {
    const clock = cardOf(person).getByText(/Released by itself in/);
    await expect(clock).toBeVisible();
    return clock.innerText();
  };
  // The screens take each minute up on its beat, and one of the two may have drawn just before the hour that is shown changed.
  await expect(async () => {
    expect(await left(client), 'both sides see the same countdown').toBe(await left(freelancer));
  }).toPass({ timeout: 70_000 });
  await client.post(server.url, '/test/clock', { advanceSeconds: 8 * 86_400 });
  for (const person of [client, freelancer]) {
    await expect(person.timeline.getByText(/The review of ‘First draft’ ended without an answer/)).toBeVisible();
    await expect(cardOf(person).getByText('Paid').first()).toBeVisible();
  }
});

test('I05 UX 33 UX 46 the pay dialog stays until the processor has said: declined, asked by the bank, slow and paid; nobody else reads of it', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  const { page } = client;
  const dialog = page.getByRole('dialog');
  const choose = async (card: string) => {
    await dialog.getByLabel('Pay with').click();
    await page.getByRole('option', { name: card }).click();
  };
  const declined = dialog.getByRole('alert').filter({ hasText: 'The card was declined. Nothing was charged.' });

  await cardOf(client).getByRole('button', { name: 'Fund' }).click();
  await choose('A test card: is declined');
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 640 });
  await dialog.getByLabel('Save this card for the next time').scrollIntoViewIfNeeded();
  await dialog.getByRole('button', { name: 'Pay €1,242.35' }).dblclick();
  await expect(declined, 'why, where it was tried').toBeInViewport({ ratio: 1 });
  if (wide) await page.setViewportSize(wide);
  await expect(cardOf(client).getByRole('button', { name: 'Try again', includeHidden: true })).toHaveCount(1);
  await choose('A test card: asks for a confirmation');
  await dialog.getByRole('button', { name: 'Try again: pay €1,242.35' }).click();
  await expect(dialog.getByText('Your bank asks you to confirm the payment')).toBeVisible();
  await dialog.getByRole('button', { name: 'Refuse' }).press('Enter');
  await expect(declined).toBeVisible();
  await expect(dialog.locator(':focus'), 'whoever refused stands on what came of it').toContainText('was declined');
  await choose('A test card: succeeds at once');
  await dialog.getByRole('button', { name: 'Try again: pay €1,242.35' }).click();
  for (const person of [client, freelancer])
    await expect(person.timeline.getByText('‘First draft’ is funded: €1,200.00 is held')).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('€1,242.35 is paid')).toBeVisible();
  await expectAtMilestone(client);
  await expect(freelancer.page.getByText(/declined|1,242[.]35|42[.]35|asks/), 'it is his own affair').toHaveCount(0);
  await expect(freelancer.timeline.getByText('‘First draft’ is not paid yet'), 'one payment, told once').toHaveCount(1);

  const path = `/milestones/${await milestoneOf(client, server.url, projectId)}`;
  await freelancer.post(server.url, `${path}/changes/proposals`, { amountMinor: 150_000 });
  await expect(cardOf(client).getByText('Frida Freelancer proposed a change.')).toBeVisible();
  await expect(cardOf(freelancer).getByText('You proposed a change.')).toBeVisible();
  await cardOf(client).getByRole('button', { name: 'Look at the proposal' }).click();
  await dialog.getByRole('button', { name: 'Accept the change' }).click();
  await cardOf(client).getByRole('button', { name: 'Pay the difference' }).click();
  await choose('A test card: succeeds after 5 seconds');
  await dialog.getByRole('button', { name: 'Pay €310.85' }).click();
  await expect(dialog.getByRole('status')).toHaveText('Paying…');
  await expect(dialog.getByRole('status'), 'and that one need not wait').toContainText('You can close this');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(dialog).toHaveCount(0);
  await expectAtMilestone(client);
  await expect(page.getByText('€310.85 is paid'), 'said all the same').toBeVisible({ timeout: 30_000 });
  for (const person of [client, freelancer])
    await expect(person.timeline.getByText('is paid and in force: now €1,500.00')).toBeVisible();
});

test('X18 J09 J15 more is agreed, paid and in force; a refund that came back is given again; evidence has its time', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  await beginToPay(client);
  await decideAsBank(client, 'Succeed');
  const milestoneId = await milestoneOf(client, server.url, projectId);
  const path = `/milestones/${milestoneId}`;
  await freelancer.post(server.url, `${path}/changes/proposals`, { amountMinor: 150_000 });
  await cardOf(client).getByRole('button', { name: 'Look at the proposal' }).click();
  const dialog = client.page.getByRole('dialog');
  await expect(dialog.getByText('You would pay €310.85 on top, with a service fee of €10.85')).toBeVisible();
  await dialog.getByRole('button', { name: 'Accept the change' }).click();
  await expect(
    cardOf(freelancer).getByText(new RegExp(`in force when ${client.name} has paid the difference`)),
  ).toBeVisible();
  await cardOf(client).getByRole('button', { name: 'Pay the difference' }).click();
  await dialog.getByLabel('Pay with').click();
  await client.page.getByRole('option', { name: /Without a card/ }).click();
  await dialog.getByRole('button', { name: 'Pay €310.85' }).click();
  await expect(dialog).toBeHidden();
  await decideAsBank(client, 'Succeed');
  for (const person of [client, freelancer]) {
    await expect(person.timeline.getByText('is paid and in force: now €1,500.00')).toBeVisible();
  }

  await freelancer.post(server.url, `${path}/refund`, { amountMinor: 30_000, reason: 'Less work', commandId: path });
  await expect(client.timeline.getByText('€300.00 of ‘First draft’ went back to you')).toBeVisible();
  await decideAsBank(client, 'Send the refund back');
  await expect(freelancer.timeline.getByText(/The refund of €300.00 for ‘First draft’ did not arrive/)).toBeVisible();
  await cardOf(client).getByRole('button', { name: 'Refund again' }).click();
  await dialog.getByRole('button', { name: 'Refund €300.00 again' }).click();
  await expect(client.timeline.getByText('€300.00 of ‘First draft’ went back to you')).toHaveCount(2);

  await decideAsBank(client, 'Chargeback');
  for (const person of [client, freelancer]) {
    await expect(cardOf(person).getByText(/left to hand in evidence/)).toBeVisible();
  }
});

test('I13 UX 16 UX 31 one side asks to end it, the other agrees: the room reads as it happened, and says who is to answer', async ({
  visit,
  server,
}) => {
  const { client, freelancer, projectId } = await makeDeal(visit, server);
  await beginToPay(client);
  await decideAsBank(client, 'Succeed');
  const milestoneId = await milestoneOf(client, server.url, projectId);
  await client.post(server.url, `/milestones/${milestoneId}/cancellation`, { reason: 'Plans changed' });
  const asks = (payer: string) =>
    `Clara Client asks to end ‘First draft’, €1,200.00 would go back to ${payer}: Plans changed`;
  for (const [person, payer, next] of [
    [client, 'you', /^You asked to end it[.] The other side answers by /],
    [freelancer, 'the client', /^Next: answer the request to end it by .*€1,200[.]00 goes back/],
  ] as const) {
    await expect(person.timeline.getByText(asks(payer))).toBeVisible();
    for (const place of [cardOf(person), person.timeline]) {
      await expect(place.getByText(next)).toBeVisible();
      await expect(place.getByText(/start the work/)).toHaveCount(0);
    }
  }
  await expect(cardOf(client).getByRole('button', { name: 'Start work' })).toHaveCount(0);
  const answer = freelancer.timeline.getByRole('button', { name: 'Answer' });
  await expect(answer, 'of which milestone').toHaveAccessibleDescription('First draft');
  await answer.click();
  const dialog = freelancer.page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' }), 'there is a way out besides').toBeVisible();
  await dialog.getByRole('button', { name: 'End it and give €1,200.00 back' }).click();
  for (const [person, payer] of [
    [client, 'you'],
    [freelancer, 'the client'],
  ] as const) {
    const lines = person.timeline.getByRole('article');
    await expect(lines.filter({ hasText: `€1,200.00 of ‘First draft’ went back to ${payer}` })).toBeVisible();
    const said = (await lines.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    const at = (words: string) => said.findIndex((text) => text.includes(words));
    const order = [
      at(asks(payer)),
      at(`Frida Freelancer agreed to end ‘First draft’: €1,200.00 goes back to ${payer}`),
      at('‘First draft’ is out of the plan, as both sides agreed'),
      at(`€1,200.00 of ‘First draft’ went back to ${payer}`),
    ];
    expect(order, said.join('\n')).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  }
});

test('UX 33 a hand-in says in its line what was said with it and which files it holds; a new card is kept only when ticked', async ({
  visit,
  server,
}) => {
  const { client, freelancer, projectId, roomId } = await makeDeal(visit, server);
  await cardOf(client).getByRole('button', { name: 'Fund' }).click();
  const dialog = client.page.getByRole('dialog');
  await expect(dialog.getByLabel('Save this card for the next time')).not.toBeChecked();
  await press(dialog.getByRole('button', { name: 'Pay €1,242.35' }));
  await expect(client.timeline.getByText('‘First draft’ is funded')).toBeVisible();
  await expect(dialog).toBeHidden();
  await expectAtMilestone(client);
  await cardOf(freelancer).getByRole('button', { name: 'Details' }).click();
  const theirs = freelancer.page.getByRole('dialog', { name: 'First draft' });
  await expect(theirs.getByText('Test money', { exact: true })).toBeVisible();
  await expect(theirs.getByRole('region', { name: 'Test money' }), 'the bank of another is not his').toHaveCount(0);
  await freelancer.page.keyboard.press('Escape');
  const cards = (await (await client.context.request.get(`${server.url}/api/v1/payment-methods`)).json()) as {
    items: unknown[];
  };
  expect(cards.items).toEqual([]);

  const fileId = await dropped(freelancer, server.url, roomId, 'screens.txt');
  const { file } = (await (await freelancer.context.request.get(`${server.url}/api/v1/files/${fileId}`)).json()) as {
    file: { current: { version: number; sha256: string } };
  };
  const { version, sha256 } = file.current;
  const milestoneId = await milestoneOf(client, server.url, projectId);
  const handedIn = { note: 'Three screens, ready to look at.', files: [{ fileId, version, sha256 }] };
  await freelancer.post(server.url, `/milestones/${milestoneId}/submission`, handedIn);
  const line = client.timeline.getByRole('article').filter({ hasText: 'handed in ‘First draft’' });
  await expect(line.getByText('Three screens, ready to look at.')).toBeVisible();
  await line.getByRole('button', { name: '1 file: screens.txt' }).click();
  await expect(dialog.getByRole('link', { name: 'screens.txt' })).toBeVisible();
});
