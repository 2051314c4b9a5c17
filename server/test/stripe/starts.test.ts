import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { afterEach, expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, makeDeal, plan, proposeAmount, type Deal } from '../money.ts';
import type { StripeDouble, Trouble } from './double.ts';
import { becomes, intentOf, paid, paying, payWith, savedCard, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage));
afterEach(() => void (double.webhooks.mode = 'sent'));

const door = 'POST /v1/payment_intents';
const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });
const intentsOf = (paymentId: string): Thing[] =>
  double
    .of('payment_intent')
    .filter(({ metadata }) => (metadata as Record<string, string>)['payment_id'] === paymentId);
const inDoubt = (paymentId: string) =>
  until(async () => {
    const text = `select 1 from money_operations where payment_id = $1 and state = 'unknown'`;
    expect(await app.sql(text, [paymentId])).toHaveLength(1);
  });
const waitsFor = (milestoneId: string, reason: string) =>
  until(async () => expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason, on: 'client' }));

/** A payment with a saved card whose beginning has no answer, and of which nothing is said. */
async function begun(trouble: readonly Trouble[], testCard = 'pm_card_visa') {
  const card = await savedCard(deal.client, testCard);
  const { id: milestoneId } = await plan(deal);
  double.webhooks.mode = 'held';
  double.trouble(door, ...trouble);
  const paymentId = await payWith(deal, milestoneId, card.id);
  await inDoubt(paymentId);
  return { milestoneId, paymentId, card };
}
const retry = (paymentId: string, paymentMethodId: string) =>
  deal.client.must(calls.retryPayment, { params: { paymentId }, body: { paymentMethodId, commandId: newId() } });

test('I07 J02 the answer of a saved card that was lost is read back half a minute later', async () => {
  const { milestoneId, paymentId } = await begun(['drop', 'drop']);
  await later(31);
  await becomes(deal, milestoneId, 'funded');
  expect(intentsOf(paymentId)).toMatchObject([{ status: 'succeeded' }]);
});

test('I07 G10 a payment that was told of while its own answer was lost is in doubt no longer than half a minute', async () => {
  const card = await savedCard(deal.client);
  const { id: milestoneId } = await plan(deal);
  double.trouble(door, 'drop', 'drop');
  const paymentId = await payWith(deal, milestoneId, card.id);
  await becomes(deal, milestoneId, 'funded');
  await inDoubt(paymentId);
  await later(31);
  const open = `select state, error from money_operations where payment_id = $1 and state <> 'succeeded'`;
  await until(async () => expect(await app.sql(open, [paymentId])).toEqual([]));
  expect(intentsOf(paymentId)).toMatchObject([{ status: 'succeeded' }]);
});

test('I07 J02 a saved card that Stripe keeps a fault of is asked for again within a minute, and is one charge', async () => {
  const { milestoneId, paymentId, card } = await begun(['fault']);
  await later(31);
  await waitsFor(milestoneId, 'declined');
  expect(intentsOf(paymentId)).toEqual([]);
  double.webhooks.mode = 'sent';
  await retry(paymentId, card.id);
  await becomes(deal, milestoneId, 'funded');
  expect(intentsOf(paymentId)).toMatchObject([{ status: 'succeeded' }]);
});

test('I07 J02 another card of which Stripe keeps a fault is asked for again within a minute, in the same payment', async () => {
  const [bad, good] = [await savedCard(deal.client, 'pm_card_chargeCustomerFail'), await savedCard(deal.client)];
  const { id: milestoneId } = await plan(deal);
  const paymentId = await payWith(deal, milestoneId, bad.id);
  await waitsFor(milestoneId, 'declined');
  const [intent] = intentsOf(paymentId);
  double.trouble(`${door}/${intent?.id}/confirm`, 'fault');
  await retry(paymentId, good.id);
  await inDoubt(paymentId);
  await later(31);
  await waitsFor(milestoneId, 'declined');
  await retry(paymentId, good.id);
  await becomes(deal, milestoneId, 'funded');
  expect(intentsOf(paymentId)).toHaveLength(1);
});

test('I07 an attempt that is given up ends all its beginnings, also one of which nobody knows yet', async () => {
  const { milestoneId, paymentId } = await begun(['fault']);
  await later(31);
  await waitsFor(milestoneId, 'declined');
  double.webhooks.mode = 'sent';
  const asks = await savedCard(deal.client, 'pm_card_authenticationRequired');
  double.webhooks.mode = 'held';
  double.trouble(door, 'drop', 'drop');
  await retry(paymentId, asks.id);
  await inDoubt(paymentId);
  expect(intentsOf(paymentId)).toMatchObject([{ status: 'requires_action' }]);
  await deal.client.must(calls.cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
  await becomes(deal, milestoneId, 'planned');
  expect(intentsOf(paymentId)).toMatchObject([{ status: 'canceled' }]);
});

/** An attempt that is given up while a bank works on it, of which Stripe has said that it cannot end now. */
async function endingWhileProcessing() {
  const started = await paying(double, deal);
  const params = { paymentId: started.paymentId };
  started.intent['status'] = 'processing';
  await deal.client.must(calls.cancelPayment, { params, body: { commandId: newId() } });
  const asked = `select 1 from money_operations where payment_id = $1 and reason = 'end' and state = 'succeeded'`;
  await until(async () => expect(await app.sql(asked, [started.paymentId])).toHaveLength(1));
  return started;
}

test('I07 an attempt that is given up while a bank works on it ends once that has declined it, and can be begun anew', async () => {
  const { milestoneId, intent } = await endingWhileProcessing();
  expect((await look(deal, milestoneId)).status, 'the bank has it').toBe('funding');
  double.payments.challenged(intent, 'failed');
  await becomes(deal, milestoneId, 'planned');
  expect(intent).toMatchObject({ status: 'canceled' });
  const again = await payWith(deal, milestoneId);
  double.payments.succeed(await intentOf(double, again));
  await becomes(deal, milestoneId, 'funded');
});

test('I07 J02 a client of whom Stripe keeps a fault pays all the same', async () => {
  const own = await makeDeal(app);
  double.trouble('POST /v1/customers', 'fault');
  const { milestoneId, intent } = await paying(double, own);
  double.payments.succeed(intent);
  await becomes(own, milestoneId, 'funded');
});

test('I07 what a bank takes of an attempt that was given up meanwhile is paid', async () => {
  const { milestoneId, intent } = await endingWhileProcessing();
  double.payments.challenged(intent, 'passed');
  await becomes(deal, milestoneId, 'funded');
});

test('I07 J02 an attempt whose end Stripe keeps a fault of is ended within a minute', async () => {
  const { milestoneId, paymentId, intent } = await paying(double, deal);
  double.trouble(`${door}/${intent.id}/cancel`, 'fault');
  await deal.client.must(calls.cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
  await inDoubt(paymentId);
  await later(31);
  await becomes(deal, milestoneId, 'planned');
  expect(intent).toMatchObject({ status: 'canceled' });
});

test('I07 G10 a payment whose key is forgotten is found although Stripe’s clock is behind ours', async () => {
  const { milestoneId, paymentId } = await begun(['drop', 'drop']);
  for (const intent of intentsOf(paymentId)) intent.created -= 600;
  double.forgetKeys();
  // The attempt itself goes on: only its answer is old.
  await app.sql(`delete from clocks where milestone_id = $1 and kind = 'payment'`, [milestoneId]);
  await later(25 * 3_600);
  await becomes(deal, milestoneId, 'funded');
  expect(intentsOf(paymentId)).toHaveLength(1);
});

test('I07 a payment that nobody came to begin before its time was over is not begun then', async () => {
  const card = await savedCard(deal.client);
  const { id: milestoneId } = await plan(deal);
  await app.sql(`create function not_today() returns trigger language plpgsql as
    $$ begin new.next_at := new.next_at + interval '24 hours'; return new; end $$`);
  await app.sql('create trigger not_today before insert on money_operations for each row execute function not_today()');
  const paymentId = await payWith(deal, milestoneId, card.id);
  await app.sql('drop trigger not_today on money_operations');
  await app.sql(`delete from clocks where milestone_id = $1 and kind = 'payment'`, [milestoneId]);
  await later(24 * 3_600 + 1);
  await waitsFor(milestoneId, 'declined');
  expect(intentsOf(paymentId)).toEqual([]);
});

test('X18 T-B2 an attempt to pay more whose time is over, and which Stripe has not ended yet, is no second one', async () => {
  const { milestoneId } = await paid(double, deal);
  const { hash } = await proposeAmount(deal.freelancer, milestoneId, 130_000);
  const command = () => ({ commandId: newId() });
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
  const fund = () => deal.client.call(calls.fundMilestone, { params: { milestoneId }, body: command() });
  const { payment } = (await fund()).body;
  const intent = await intentOf(double, payment.id);
  const known = 'select 1 from payments where id = $1 and processor_payment_id is not null';
  await until(async () => expect(await app.sql(known, [payment.id])).toHaveLength(1));
  double.trouble(`${door}/${intent.id}/cancel`, 'throttle');
  await later(25 * 3_600);
  await until(async () =>
    expect((await look(deal, milestoneId)).clocks.map(({ kind }) => kind)).not.toContain('payment'),
  );
  expect((await fund()).status).toBe(409);
  await later(31);
  await waitsFor(milestoneId, 'top_up');
  expect((await fund()).status).toBe(201);
});
