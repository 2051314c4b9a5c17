import { createApiToken } from '@safesend/shared/accounts/calls.ts';
import {
  addPaymentMethod,
  driveTestMoney,
  getCardSetup,
  getPayoutAccount,
  getWallet,
  openPayoutOnboarding,
} from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, makeDeal, plan } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { becomes, intentOf, payWith, startWithStripe, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage), { environment: { STRIPE_PUBLISHABLE_KEY: 'pk_test_double' } });

test('J02 a browser is handed the publishable key and no named cards; without a key it is the other way round', async () => {
  const { client } = await makeDeal(app);
  expect(await client.must(getWallet)).toMatchObject({ publishableKey: double.publishableKey, testMethods: [] });
  const other = await startWithStripe(double);
  const elsewhere = await makeDeal(other);
  const wallet = await elsewhere.client.must(getWallet);
  expect(wallet.publishableKey).toBeNull();
  expect(wallet.testMethods.map(({ methodId }) => methodId)).toContain('pm_card_visa');
  await other.close();
});

test('I05 a milestone waits for the card, then for the bank after a declined one: in one and the same payment', async () => {
  const deal = await makeDeal(app);
  const { id: milestoneId } = await plan(deal);
  const paymentId = await payWith(deal, milestoneId);
  expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'card', on: 'client', paymentId });
  const intent = await intentOf(double, paymentId);
  const waits = (reason: string) =>
    until(async () => expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason, paymentId }));
  expect(() => double.payments.confirm(intent, 'pm_card_chargeCustomerFail')).toThrow('declined');
  await waits('declined');
  double.payments.confirm(intent, 'pm_card_authenticationRequired');
  await waits('challenge');
  const asked = await deal.client.must(calls.getPayment, { params: { paymentId } });
  expect(asked).toMatchObject({
    payment: { status: 'requires_action', declineCode: null },
    clientSecret: intent['client_secret'],
  });
  double.payments.challenged(intent, 'passed');
  expect((await becomes(deal, milestoneId, 'funded')).waiting).toBeNull();
  expect(double.of('payment_intent', { transfer_group: intent['transfer_group'] })).toHaveLength(1);
});

test('J02 what finishes a payment or saves a card is handed to a token with the scope `money`, and to no other', async () => {
  const deal = await makeDeal(app);
  const { client } = deal;
  const paymentId = await payWith(deal, (await plan(deal)).id);
  await intentOf(double, paymentId);
  const { setup } = await client.must(addPaymentMethod, { body: { commandId: newId() } });
  const handed = async (headers: Record<string, string>) => ({
    payment: (await send(client.base, calls.getPayment, { params: { paymentId }, headers })).body.clientSecret,
    card: (await send(client.base, getCardSetup, { params: { setupId: setup.id }, headers })).body.setup.clientSecret,
  });
  const withToken = async (...scopes: ('read' | 'write' | 'money')[]) => {
    const { token } = await client.must(createApiToken, { body: { name: 'Script', scopes } });
    return handed({ authorization: `Bearer ${token}` });
  };
  const nothing = { payment: null, card: null };
  expect([await withToken('read'), await withToken('read', 'write')]).toEqual([nothing, nothing]);
  const inHisBrowser = await handed({ cookie: client.cookie });
  expect(inHisBrowser).toEqual({ payment: expect.any(String) as string, card: expect.any(String) as string });
  expect(await withToken('read', 'money')).toEqual(inHisBrowser);
});

test('J02 a named test card is refused where browsers take real ones', async () => {
  const { client } = await makeDeal(app);
  const body = { testCard: 'pm_card_visa', commandId: newId() };
  expect((await client.call(addPaymentMethod, { body })).status).toBe(422);
});

test('J01 beside a Stripe key nobody decides by hand what becomes of a payment', async () => {
  const deal = await makeDeal(app);
  const { id: milestoneId } = await plan(deal);
  const paymentId = await payWith(deal, milestoneId);
  const { status } = await deal.client.call(driveTestMoney, { body: { paymentId, outcome: 'succeed' } });
  expect(status).toBe(404);
  const milestone = await look(deal, milestoneId);
  expect(milestone).toMatchObject({ status: 'funding', hold: { isTest: false, fundedMinor: 0 } });
});

test('T-M7 a payment that went on after a decline is found although nobody told of it', async () => {
  const deal = await makeDeal(app);
  const { id: milestoneId } = await plan(deal);
  const intent = await intentOf(double, await payWith(deal, milestoneId));
  expect(() => double.payments.confirm(intent, 'pm_card_chargeCustomerFail')).toThrow('declined');
  await until(async () => expect((await look(deal, milestoneId)).waiting?.reason).toBe('declined'));
  double.webhooks.mode = 'held';
  double.payments.confirm(intent, 'pm_card_visa');
  await becomes(deal, milestoneId, 'funded').finally(() => (double.webhooks.mode = 'sent'));
});

test('J05 payouts are set up on a page that leads back, a dead link leads to a new one, and coming back asks how it is', async () => {
  const { freelancer } = await makeDeal(app);
  const here = `http://127.0.0.1:${app.port}`;
  const openOne = async (origin = here) => {
    const body = { country: 'DE', commandId: newId() };
    return (await freelancer.must(openPayoutOnboarding, { body, headers: { origin } })).url;
  };
  const visit = async (url: string) => (await fetch(url, { redirect: 'manual' })).headers.get('location');
  const url = await openOne();
  expect(await visit(url)).toBeNull();
  expect(await visit(url), 'links work once').toBe(`${here}/payments/payouts?setup=expired`);
  double.webhooks.mode = 'held';
  expect(await visit(`${await openOne()}/finish`)).toBe(`${here}/payments/payouts?setup=returned`);
  const { payoutAccount } = await freelancer.must(getPayoutAccount);
  double.webhooks.mode = 'sent';
  expect(payoutAccount).toMatchObject({ status: 'active', country: 'DE' });
  await expect(openOne('https://elsewhere.example'), 'only where we are').rejects.toThrow('403');
});
