import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StripeDouble } from '../../../test/stripe/double.ts';
import { sign } from '../../../test/stripe/webhooks.ts';
import type { PaymentOrder } from './processor.ts';
import { openStripe, type StripeProcessor } from './stripe.ts';

let double: StripeDouble;
let stripe: StripeProcessor;
const secrets = { platform: 'whsec_platform', connect: 'whsec_connect', thin: 'whsec_thin' };
beforeAll(async () => {
  double = await new StripeDouble().listen();
  stripe = openStripe({ secretKey: double.secretKey, publishableKey: 'pk_test', apiBase: double.url, secrets });
});
afterAll(() => double.close());

const person = () => ({ userId: newId(), email: 'mia@example.com', name: 'Mia', country: 'US' });

function orderOf(amountMinor = 10_380n, currency: PaymentOrder['currency'] = 'EUR') {
  const operationId = newId();
  const [holdId, milestoneId, paymentId] = [newId(), newId(), newId()];
  return { operationId, idempotencyKey: `op_${operationId}`, holdId, milestoneId, paymentId, amountMinor, currency };
}

async function saved(card: string): Promise<{ customerId: string; methodId: string }> {
  const { customerId } = await stripe.customer(person());
  const { method } = await stripe.startSetup({ operationId: newId(), customerId, testMethod: card });
  return { customerId, methodId: method?.methodId ?? '' };
}

async function pay(card = 'pm_card_visa', order = orderOf()) {
  const result = await stripe.startPayment({
    ...order,
    ...(await saved(card)),
    saveMethod: false,
    description: 'Milestone',
  });
  return { order, result };
}

async function funded() {
  const { order, result } = await pay();
  if (result.status !== 'known') throw new Error(result.status);
  return { order, payment: result.payment };
}

async function account(status: 'active' | 'restricted' = 'active'): Promise<string> {
  const { accountId } = await stripe.account({ ...person(), instead: null });
  double.moves.setAccount(
    double.things.get(accountId, 'v2.core.account'),
    status,
    status === 'active' ? [] : ['individual.id_number'],
  );
  return accountId;
}

const next = (order: ReturnType<typeof orderOf>, amountMinor: bigint) => {
  const operationId = newId();
  return { ...order, operationId, idempotencyKey: `op_${operationId}`, amountMinor };
};

test('J02 a payment with a saved card succeeds, carries the names it is found by, and its fee comes later', async () => {
  const { order, payment } = await funded();
  expect(payment).toMatchObject({
    status: 'succeeded',
    amountMinor: 10_380n,
    currency: 'EUR',
    paymentId: order.paymentId,
  });
  expect(payment.chargeId).toMatch(/^ch_/);
  const [intent] = double.of('payment_intent', { transfer_group: `ss_hold_${order.holdId}` });
  expect(intent?.['metadata']).toMatchObject({ money_op_id: order.operationId, milestone_id: order.milestoneId });
  expect((await stripe.readPayment(payment.processorPaymentId))?.feeMinor).toBe(331n);
});

test('J02 a declined card, a challenge and a payment that is over each have their state', async () => {
  const declined = await pay('pm_card_chargeCustomerFail');
  expect(declined.result).toMatchObject({
    status: 'known',
    payment: { status: 'declined', declineCode: 'generic_decline' },
  });
  const asked = await pay('pm_card_authenticationRequired');
  expect(asked.result).toMatchObject({ payment: { status: 'requires_action', chargeId: null } });
  const id = asked.result.status === 'known' ? asked.result.payment.processorPaymentId : '';
  expect(await stripe.clientSecret(id)).toMatch(new RegExp(`^${id}_secret_`));
  double.payments.succeed(double.things.get(id, 'payment_intent'));
  expect(await stripe.cancelPayment(id, `end_${id}`), 'the money came meanwhile').toMatchObject({
    status: 'succeeded',
  });
  expect(await stripe.readPayment('pi_unknown')).toBeNull();
});

test('T-M22 amounts are told in the units of the processor, and read back in ours', async () => {
  const rows = [
    ['USD', 100n, 100],
    ['JPY', 500n, 500],
    ['UGX', 1_300n, 130_000],
    ['ISK', 500n, 50_000],
    ['KWD', 1_230n, 1_230],
    ['HUF', 20_000n, 20_000],
  ] as const;
  for (const [currency, amount, units] of rows) {
    const { result } = await pay('pm_card_visa', orderOf(amount, currency));
    const payment = result.status === 'known' ? result.payment : null;
    expect(double.things.find(payment?.processorPaymentId)?.['amount'], currency).toBe(units);
    expect(payment?.amountMinor, currency).toBe(amount);
  }
});

test('T-M8 an answer that is lost comes again under the same key: one transfer', async () => {
  const { order, payment } = await funded();
  const accountId = await account();
  const release = { ...next(order, 9_000n), accountId, chargeId: payment.chargeId ?? '' };
  double.trouble('POST /v1/transfers', 'drop');
  expect(await stripe.transfer(release)).toMatchObject({ status: 'succeeded' });
  const sent = double.asked.filter(({ door }) => door === 'POST /v1/transfers');
  expect(sent.map(({ key }) => key)).toEqual([release.idempotencyKey]);
  expect(double.of('transfer', { destination: accountId })).toHaveLength(1);
});

test('G10 what nobody knows is unknown, and is read back by the hold’s group', async () => {
  const { order, payment } = await funded();
  const accountId = await account();
  const release = { ...next(order, 9_000n), accountId, chargeId: payment.chargeId ?? '' };
  double.trouble('POST /v1/transfers', 'drop', 'drop');
  expect(await stripe.transfer(release)).toMatchObject({ status: 'unknown' });
  const sought = {
    kind: 'transfer',
    objectId: null,
    processorPaymentId: null,
    accountId: null,
    holdId: order.holdId,
  } as const;
  const [transfer] = double.of('transfer', { destination: accountId });
  expect(await stripe.findOperation({ ...sought, operationId: release.operationId })).toEqual({
    status: 'succeeded',
    objectId: transfer?.id,
  });
  expect(await stripe.findOperation({ ...sought, operationId: newId() })).toBeNull();
});

test('G10 a stored fault is looked behind before another key is used', async () => {
  const { order, payment } = await funded();
  const accountId = await account();
  const release = { ...next(order, 9_000n), accountId, chargeId: payment.chargeId ?? '' };
  double.trouble('POST /v1/transfers', 'fault');
  expect(await stripe.transfer(release)).toMatchObject({ status: 'waiting', reason: 'busy' });
  expect(await stripe.transfer({ ...release, idempotencyKey: `${release.idempotencyKey}.1` })).toMatchObject({
    status: 'succeeded',
  });
  expect(double.of('transfer', { destination: accountId })).toHaveLength(1);
});

test('J04 nobody who cannot receive is sent anything; what is missing is said in words', async () => {
  const { order, payment } = await funded();
  const accountId = await account('restricted');
  const release = { ...next(order, 9_000n), accountId, chargeId: payment.chargeId ?? '' };
  expect(await stripe.transfer(release)).toMatchObject({ status: 'waiting', reason: 'account' });
  expect(await stripe.readAccount(accountId)).toMatchObject({
    status: 'restricted',
    country: 'US',
    schedule: 'daily',
    requirements: ['Individual: id number'],
  });
  const back = { returnUrl: 'https://safesend.example/payments', refreshUrl: 'https://safesend.example/payments' };
  expect((await stripe.onboardingLink(accountId, back)).expiresAt).toBeInstanceOf(Date);
  double.moves.setAccount(double.things.get(accountId, 'v2.core.account'), 'active');
  expect((await stripe.onboardingLink(accountId, back)).url).toContain('express');
  for (const schedule of ['weekly', 'monthly', 'manual'] as const) {
    await stripe.setSchedule(accountId, schedule);
    expect(await stripe.readAccount(accountId)).toMatchObject({ status: 'active', schedule });
  }
});

test('J09 J15 J16 refunds, reversals, payouts and chargebacks go their ways', async () => {
  const { order, payment } = await funded();
  const accountId = await account();
  const { processorPaymentId, chargeId } = payment;
  const release = { ...next(order, 5_000n), accountId, chargeId: chargeId ?? '' };
  const sent = await stripe.transfer(release);
  expect(await stripe.available(accountId)).toEqual([{ amountMinor: 5_000n, currency: 'EUR' }]);
  double.moves.refundStatus = 'pending';
  const refund = { ...next(order, 2_000n), processorPaymentId, reason: 'agreed' };
  expect(await stripe.refund(refund)).toMatchObject({ status: 'pending' });
  double.moves.refundStatus = 'succeeded';
  const transferId = sent.status === 'succeeded' ? sent.objectId : '';
  expect(await stripe.reverse({ ...next(order, 1_000n), transferId, accountId })).toMatchObject({
    status: 'succeeded',
  });
  expect(await stripe.payout({ ...next(order, 9_999n), accountId })).toMatchObject({
    status: 'waiting',
    reason: 'balance',
  });
  expect(await stripe.payout({ ...next(order, 4_000n), accountId })).toMatchObject({ status: 'succeeded' });
  const [payout] = await stripe.listPayouts(accountId, new Date(0));
  expect(payout).toMatchObject({ status: 'pending', amountMinor: 4_000n });
  const inquiry = double.payments.openDispute(double.things.get(processorPaymentId, 'payment_intent'), {
    isInquiry: true,
  });
  expect(await stripe.readChargeback(inquiry.id), 'takes no money').toBeNull();
  const dispute = double.payments.openDispute(double.things.get(processorPaymentId, 'payment_intent'));
  expect(await stripe.readChargeback(dispute.id)).toMatchObject({
    status: 'open',
    amountMinor: 10_380n,
    feeMinor: 1_500n,
  });
  dispute['status'] = 'a_status_of_next_year';
  expect(await stripe.readChargeback(dispute.id)).toMatchObject({ status: 'open' });
  expect(await stripe.refund(next({ ...order, ...refund }, 1n) as never)).toMatchObject({
    status: 'failed',
    code: 'charge_disputed',
  });
});

test('T-M14 T-M15 only what Stripe has just said to this very endpoint is an event', () => {
  const intent = double.things.make('pi', 'payment_intent', {});
  const { body } = double.webhooks.write('payment_intent.succeeded', intent);
  const now = Math.floor(Date.now() / 1_000);
  const good = sign(body, secrets.platform);
  const read = (text: string, header: string) => stripe.readEvent('platform', text, header);
  expect(read(body, good)).toMatchObject({ objectId: intent.id, type: 'payment_intent.succeeded', accountId: null });
  expect(read(body, `${good},v1=${'0'.repeat(64)}`), 'while a secret is rolled').not.toBeNull();
  const forged = [
    '',
    sign(body, 'whsec_other'),
    sign(body, secrets.connect),
    sign(body, secrets.platform, { scheme: 'v0' }),
  ];
  for (const header of forged) expect(read(body, header), header).toBeNull();
  expect(read(body.replace('pi_', 'pi-'), good)).toBeNull();
  expect(read(JSON.stringify(JSON.parse(body), null, 1), good)).toBeNull();
  expect(read(body, sign(body, secrets.platform, { at: now - 302 }))).toBeNull();
  expect(read(body, sign(body, secrets.platform, { at: now + 302 }))).toBeNull();
  expect(read(body, sign(body, secrets.platform, { at: now - 298 }))).not.toBeNull();
  const { body: thin } = double.webhooks.write('v2.core.account[requirements].updated', intent);
  expect(read(thin, sign(thin, secrets.platform)), 'a thin one at the door for whole ones').toBeNull();
  expect(stripe.readEvent('thin', thin, sign(thin, secrets.thin))).toMatchObject({
    objectId: intent.id,
    apiVersion: null,
  });
});

test('T-M14 where no secret is set nobody has said anything, whatever it is signed with', () => {
  const none = { platform: undefined, connect: undefined, thin: undefined };
  const silent = openStripe({
    secretKey: double.secretKey,
    publishableKey: 'pk_test',
    apiBase: double.url,
    secrets: none,
  });
  const { body } = double.webhooks.write('payment_intent.succeeded', double.things.make('pi', 'payment_intent', {}));
  for (const secret of ['', 'undefined', secrets.platform])
    for (const endpoint of ['platform', 'connect', 'thin'] as const)
      expect(silent.readEvent(endpoint, body, sign(body, secret)), `${endpoint} ${secret}`).toBeNull();
});

test('T-M22 J12 a fee that Stripe took in another currency is none of ours: nothing is booked in the wrong one', async () => {
  const { payment } = await funded();
  const charge = double.things.get(payment.chargeId, 'charge');
  const intent = double.things.get(payment.processorPaymentId, 'payment_intent');
  double.things.get(charge['balance_transaction'], 'balance_transaction')['currency'] = 'usd';
  expect(await stripe.readPayment(intent.id)).toMatchObject({ status: 'succeeded', feeMinor: null });
  const dispute = double.payments.openDispute(intent);
  for (const taken of dispute['balance_transactions'] as { currency: string }[]) taken.currency = 'usd';
  expect(await stripe.readChargeback(dispute.id)).toMatchObject({
    amountMinor: 10_380n,
    currency: 'EUR',
    feeMinor: 0n,
  });
});

test('the double refuses what Stripe does not know, and another body under a known key', async () => {
  const post = async (body: string, key: string) => {
    const headers = {
      authorization: `Bearer ${double.secretKey}`,
      'stripe-version': stripe.apiVersion,
      'idempotency-key': key,
    };
    const response = await fetch(`${double.url}/v1/customers`, { method: 'POST', headers, body });
    return { status: response.status, code: ((await response.json()) as { error?: { code: string } }).error?.code };
  };
  const good = 'email=a@example.com&name=A&metadata[user_id]=1';
  expect(await post(`${good}&payment_method_types[]=card`, 'k1')).toEqual({ status: 400, code: 'parameter_unknown' });
  expect(await post(good, 'k1'), 'a refusal is not kept').toMatchObject({ status: 200 });
  expect(await post(`${good}2`, 'k1')).toEqual({ status: 400, code: 'idempotency_key_reused' });
});
