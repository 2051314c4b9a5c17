import type { StripeDouble } from '../../server/test/stripe/double.ts';
import { cardOf, makeDeal, milestoneOf, openRoom, press } from '../deal.ts';
import { expect, test, type Visitor } from '../fixtures.ts';
import type { Server } from '../server.ts';
import { bankOf, cardNumber, standInForStripe, startWithStripe } from '../stripe.ts';

let server: Server;
let double: StripeDouble;
test.beforeAll(async () => {
  ({ server, double } = await startWithStripe());
});
test.afterAll(async () => {
  await server.stop();
  await double.close();
});
test.beforeEach(({ line }) => {
  line.mayRefuse = true;
  for (const host of ['js.stripe.com', 'hooks.stripe.com', 'api.stripe.com']) line.reaches.add(host);
});

/** Both with a browser in which Stripe's library can be had. */
async function deal(visit: Parameters<typeof makeDeal>[0]) {
  const made = await makeDeal(visit, server);
  for (const { context } of [made.client, made.freelancer]) await standInForStripe(context, double);
  return made;
}

const total = '€1,242.35';
const intents = () => double.of('payment_intent').filter(({ amount }) => amount === 124_235);

async function setUpPayouts({ page }: Visitor): Promise<void> {
  await page.goto(`${server.url}/payments/payouts`);
  await expect(page.getByLabel('Country you work from')).toContainText('United Kingdom');
  await page.getByRole('button', { name: 'Set up payouts' }).click();
  await expect(page.getByRole('heading', { name: 'Set up payouts' })).toBeVisible();
  const used = page.url();
  double.pages.expire();
  await page.goto(used);
  await expect(page, 'a dead link leads to a new one by itself').not.toHaveURL(used);
  await page.getByRole('link', { name: 'Agree and go back' }).click();
  await expect(page.getByText('Set up. Released money reaches your payout account by itself,')).toBeVisible();
  await expect.poll(() => new URL(page.url()).search).toBe('');
}

async function saveCard({ page }: Visitor): Promise<void> {
  await page.goto(`${server.url}/payments/methods`);
  await page.getByRole('link', { name: 'Save a card' }).click();
  await cardNumber(page).fill('4242');
  await page.getByRole('button', { name: 'Save the card' }).click();
  await expect(page.getByRole('alert')).toHaveText('Your card number is incomplete.');
  await cardNumber(page).fill('4000 0000 0000 0002');
  await page.getByRole('button', { name: 'Save the card' }).click();
  await expect(page.getByRole('alert')).toHaveText('Your card was declined.');
  await cardNumber(page).fill('4242 4242 4242 4242');
  for (const [colorScheme, theme] of [
    ['dark', 'night'],
    ['light', 'stripe'],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.getByTitle('Secure payment input frame')).toHaveAttribute('data-theme', theme);
  }
  await expect(cardNumber(page), 'what was typed stays').toHaveValue('4242 4242 4242 4242');
  await page.getByRole('button', { name: 'Save the card' }).click();
  await expect(page.getByText('The card is saved.')).toBeVisible();
  await page.getByRole('link', { name: 'Back to your cards' }).click();
  await expect(page.getByText('Visa ending in 4242')).toBeVisible();
}

test('Y04 I02 J02 UX 33 with a saved card on Stripe: funded, delivered, approved, paid, and out to the bank', async ({
  visit,
}) => {
  const { client, freelancer, projectId, roomId } = await deal(visit);
  await setUpPayouts(freelancer);
  await saveCard(client);
  await openRoom(freelancer, server, roomId);
  await openRoom(client, server, roomId);

  await cardOf(client).getByRole('button', { name: 'Fund' }).click();
  const dialog = client.page.getByRole('dialog', { name: 'Fund First draft' });
  await expect(dialog.getByLabel('Pay with')).toContainText('Visa ending in 4242');
  await dialog.getByRole('button', { name: `Pay ${total}` }).dblclick();
  for (const person of [client, freelancer])
    await expect(person.timeline.getByText('‘First draft’ is funded: €1,200.00 is held')).toBeVisible();
  expect(intents(), 'a double click is one charge').toHaveLength(1);

  const milestoneId = await milestoneOf(client, server.url, projectId);
  await freelancer.post(server.url, `/milestones/${milestoneId}/submission`, { note: 'Three screens.', files: [] });
  await press(cardOf(client).getByRole('button', { name: 'Approve' }));
  await client.page.getByRole('button', { name: 'Approve and release €1,200.00' }).click();
  for (const person of [client, freelancer]) {
    const whom = person === client ? 'the freelancer' : 'your payout account';
    await expect(person.timeline.getByText(`€1,080.00 for ‘First draft’ reached ${whom}`)).toBeVisible();
    await expect(cardOf(person).getByText('Paid').first()).toBeVisible();
  }
  expect(double.of('transfer').map(({ amount }) => amount)).toEqual([108_000]);

  const { page } = freelancer;
  await page.goto(`${server.url}/payments/payouts`);
  await page.getByRole('button', { name: 'Pay out €1,080.00' }).click();
  const asked = page.getByRole('alertdialog', { name: 'Pay out €1,080.00?' });
  await expect(asked).toContainText('the bank account that you named at Stripe');
  expect(double.of('payout'), 'nothing before it is said').toHaveLength(0);
  await asked.getByRole('button', { name: 'Pay out €1,080.00' }).dblclick();
  await expect(page.getByRole('listitem').filter({ hasText: '€1,080.00' })).toContainText('On the way');
  await expect.poll(() => double.of('payout').length).toBe(1);
  for (const payout of double.of('payout')) double.moves.finishPayout(payout, 'paid');
  await expect(page.getByRole('listitem').filter({ hasText: '€1,080.00' }), 'by itself').toContainText('Paid');
});

test('I05 J02 UX 46 with saved cards on Stripe the dialog stays: a decline says why and goes on with another, a bank is one button away', async ({
  visit,
}) => {
  const before = intents().length;
  const { client, freelancer, roomId } = await deal(visit);
  const { page } = client;
  const save = async (number: string) => {
    await page.goto(`${server.url}/pay/card`);
    await cardNumber(page).fill(number);
    await page.getByRole('button', { name: 'Save the card' }).click();
  };
  await save('4000 0000 0000 0341');
  await expect(page.getByText('The card is saved.')).toBeVisible();
  await save('4000 0027 6000 3184');
  await bankOf(page).getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText('The card is saved.')).toBeVisible();
  await openRoom(client, server, roomId);

  await cardOf(client).getByRole('button', { name: 'Fund' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fund First draft' });
  await expect(dialog.getByLabel('Pay with')).toContainText('Visa ending in 0341');
  await dialog.getByRole('button', { name: `Pay ${total}` }).dblclick();
  await expect(dialog.getByRole('alert')).toContainText('Your card was declined. Nothing was charged.');
  await dialog.getByLabel('Pay with').click();
  await page.getByRole('option', { name: 'Visa ending in 3184' }).click();
  await dialog.getByRole('button', { name: `Try again: pay ${total}` }).click();
  await expect(dialog.getByText('Your bank asks you to confirm the payment')).toBeVisible();
  await dialog.getByRole('button', { name: `Confirm ${total}` }).click();
  await page.getByRole('button', { name: `Confirm ${total}` }).click();
  await bankOf(page).getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText(`${total} is paid`)).toBeVisible();
  await expect(freelancer.timeline.getByText('‘First draft’ is funded: €1,200.00 is held')).toBeVisible();
  expect(intents().length - before, 'every try was the very same payment').toBe(1);
});

test('I05 J02 UX 46 a new card is declined, the next asks for its bank, the page is left there: it is finished later, once', async ({
  visit,
  line,
}) => {
  line.mayBreak = true;
  const before = intents().length;
  const { client, freelancer, roomId } = await deal(visit);
  const { page, context } = client;
  await context.route('https://js.stripe.com/**', (route) => route.abort());
  await cardOf(client).getByRole('button', { name: 'Fund' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Pay with')).toContainText('A new card');
  const keep = dialog.getByLabel('Save this card for the next time');
  await expect(keep, 'nobody’s card is kept unasked').not.toBeChecked();
  await keep.check();
  await dialog.getByRole('button', { name: `Pay ${total}` }).dblclick();
  await expect(page.getByText('The payment form is not here'), 'a blocked script is said').toBeVisible();
  await expect(cardOf(freelancer).getByText(`Next: ${client.name} funds it`)).toBeVisible();
  await context.unroute('https://js.stripe.com/**');
  await page.getByRole('button', { name: 'Try again' }).click();

  await cardNumber(page).fill('4000 0000 0000 0341');
  await page.getByRole('button', { name: `Pay ${total}` }).click();
  await expect(page.getByRole('alert')).toHaveText('Your card was declined.');
  await expect(freelancer.timeline.getByText('‘First draft’ is not paid yet')).toBeVisible();
  await cardNumber(page).fill('4000 0027 6000 3184');
  await page.getByRole('button', { name: `Pay ${total}` }).dblclick();
  await expect(bankOf(page).getByRole('heading', { name: 'Is it you?' })).toBeVisible();

  await openRoom(client, server, roomId);
  for (const [person, words] of [
    [client, 'Your bank asks you to confirm the payment'],
    [freelancer, 'The payment is being confirmed'],
  ] as const)
    await expect(cardOf(person).getByText(words)).toBeVisible();
  await cardOf(client).getByRole('button', { name: 'Finish paying' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Confirm ${total}` })
    .click();
  await page.getByRole('button', { name: `Confirm ${total}` }).click();
  await bankOf(page).getByRole('button', { name: 'Fail' }).click();
  await expect(page.getByRole('alert')).toContainText('unable to authenticate');
  await cardNumber(page).fill('4000 0027 6000 3184');
  await page.getByRole('button', { name: `Pay ${total}` }).click();
  await bankOf(page).getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText(`${total} is paid`)).toBeVisible();
  await page.getByRole('link', { name: 'Back to the room' }).click();
  for (const person of [client, freelancer])
    await expect(person.timeline.getByText('‘First draft’ is funded: €1,200.00 is held')).toBeVisible();
  expect(intents().length - before, 'every try was the very same payment').toBe(1);
  await page.goto(`${server.url}/payments/methods`);
  await expect(page.getByText('Visa ending in 3184')).toBeVisible();
});

test('I05 J02 UX 46 whoever is led to his bank’s page comes back to his payment, however it ended there; the address proves nothing', async ({
  visit,
}) => {
  const { client, freelancer, projectId, roomId } = await deal(visit);
  const { page } = client;
  const leadsAway = '4000 0000 0000 3220';
  const atBank = page.getByRole('heading', { name: 'Is it you?' });
  const pay = async () => {
    await cardNumber(page).fill(leadsAway);
    await page.getByRole('button', { name: `Pay ${total}` }).click();
    await expect(atBank).toBeVisible();
  };
  const answer = (name: string) => page.getByRole('button', { name }).click();
  const isBack = (path: string) => expect.poll(() => page.url(), 'no secret stays in it').toBe(server.url + path);
  const begin = async (milestoneId: string) => {
    const { payment } = await client.post<{ payment: { id: string } }>(
      ...[server.url, `/milestones/${milestoneId}/funding`, { commandId: crypto.randomUUID() }],
    );
    await page.goto(`${server.url}/pay/${payment.id}`);
    return `/pay/${payment.id}`;
  };

  const first = await begin(await milestoneOf(client, server.url, projectId));
  await pay();
  await answer('Fail');
  await isBack(first);
  await expect(page.getByRole('alert')).toContainText('unable to authenticate');
  await pay();
  await answer('Complete');
  await isBack(first);
  await expect(page.getByText(`${total} is paid`)).toBeVisible();

  const plan = { title: 'Second draft', criteria: 'As the first', amountMinor: 120_000 };
  const { milestone } = await client.post<{ milestone: { id: string } }>(
    ...[server.url, `/projects/${projectId}/milestones`, plan],
  );
  const second = await begin(milestone.id);
  await pay();
  await answer('Not now');
  await isBack(second);
  const confirm = page.getByRole('button', { name: `Confirm ${total}` });
  await expect(confirm).toBeVisible();
  const [intent] = intents().slice(-1);
  if (!intent) throw new Error('no payment');
  const said = new URLSearchParams({ payment_intent: intent.id, redirect_status: 'succeeded' });
  await page.goto(`${server.url}${second}?${said}`);
  await isBack(second);
  await expect(confirm, 'nobody has paid').toBeVisible();
  intent['status'] = 'processing';
  await page.goto(`${server.url}${second}?redirect_status=pending`);
  const written = page.getByRole('status').filter({ hasText: 'It is being written down' });
  await expect(written).toBeVisible();
  double.payments.challenged(intent, 'failed');
  await expect(page.getByRole('alert'), 'the bank thought it over').toContainText('unable to authenticate');
  await expect(cardNumber(page)).toBeEditable();
  intent['status'] = 'processing';
  await page.goto(`${server.url}${second}?redirect_status=pending`);
  await expect(written).toBeVisible();
  double.payments.succeed(intent);
  await expect(page.getByText(`${total} is paid`)).toBeVisible();
  for (const person of [client, freelancer]) {
    await openRoom(person, server, roomId);
    for (const title of ['First draft', 'Second draft'])
      await expect(person.timeline.getByText(`‘${title}’ is funded: €1,200.00 is held`)).toBeVisible();
  }

  await page.goto(`${server.url}/pay/card`);
  for (const [name, words] of [
    ['Fail', 'unable to authenticate'],
    ['Complete', 'The card is saved.'],
  ] as const) {
    await cardNumber(page).fill(leadsAway);
    await answer('Save the card');
    await expect(atBank).toBeVisible();
    await answer(name);
    await expect(page.getByText(words)).toBeVisible();
    expect(page.url()).not.toContain('secret');
  }
});

test('T-S4 Stripe may run on the two pages that take cards, only where Stripe is set up, and nothing else is loosened', async ({
  visit,
  server: without,
}) => {
  const policyOf = async ({ context }: Visitor, address: string) =>
    Object.fromEntries(
      ((await context.request.get(address)).headers()['content-security-policy'] ?? '')
        .split(';')
        .map((rule) => rule.trim().split(/ (.*)/s, 2) as [string, string]),
    );
  const rooms = ['/dashboard', '/payments/methods', '/payments/payouts', '/projects'];
  const [here, there] = [await visit('Pia Payer', 'client'), await visit('Theo Test', 'client')];
  await here.register(server.url);
  await there.register(without.url);
  for (const path of ['/pay/card', `/pay/${crypto.randomUUID()}`]) {
    const open = await policyOf(here, server.url + path);
    expect(open['script-src'], path).toMatch(
      /^'self' 'nonce-\S+' https:\/\/js\.stripe\.com https:\/\/\*\.js\.stripe\.com$/,
    );
    expect(open['frame-src'], path).toContain('https://hooks.stripe.com');
    expect(open['connect-src'], path).toBe("'self' https://api.stripe.com");
    expect(open, path).toMatchObject({ 'object-src': "'none'", 'base-uri': "'none'", 'frame-ancestors': "'none'" });
    expect(JSON.stringify(await policyOf(there, without.url + path)), `${path} without Stripe`).not.toContain('stripe');
  }
  for (const path of rooms)
    expect(JSON.stringify(await policyOf(here, server.url + path)), path).not.toContain('stripe');
});
