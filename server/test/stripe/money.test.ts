import * as calls from '@safesend/shared/escrow/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { fundMilestone } from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import { reconcileVerb } from '../../src/cli/reconcile.ts';
import { readEnv } from '../../src/kernel/env.ts';
import { send, signUp, type Person, type TestApp } from '../harness.ts';
import { approve, look, makeDeal, plan, refund, release, settled, submit, verify, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { addCard, becomes, onboard, paid, payWith, savedCard, sayAgain, stripeEnvironment, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal, accountId: string;
onStage((stage) => ({ double, app, deal, accountId } = stage), { isOnboarded: true });

const transfersOf = (holdId: string | undefined) => double.of('transfer', { transfer_group: `ss_hold_${holdId}` });
const inbox = async (person: Person, type: string) =>
  (
    await app.sql<{ data: Record<string, unknown> }>(
      `select p.data from facts f join fact_payloads p using (room_id, seq) where f.room_id = $1 and f.type = $2 order by f.seq`,
      [person.inboxRoomId, type],
    )
  ).map(({ data }) => data);
const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });

test('J03 cards are saved, listed, preferred and forgotten, also at Stripe; another’s is missing', async () => {
  const person = await signUp(app);
  const first = await savedCard(person);
  expect(first).toMatchObject({ brand: 'visa', last4: '4242', isDefault: true, isTest: false });
  const second = await savedCard(person, 'pm_card_mastercard');
  expect(second).toMatchObject({ last4: '4444', isDefault: false });
  expect(await addCard(person, 'pm_card_visa_chargeDeclined')).toMatchObject({
    status: 'failed',
    message: 'Your card was declined.',
  });
  const params = { paymentMethodId: second.id };
  expect((await deal.client.call(calls.setDefaultPaymentMethod, { params })).status).toBe(404);
  expect((await person.call(calls.setDefaultPaymentMethod, { params })).status).toBe(204);
  expect((await person.must(calls.listPaymentMethods)).items.map(({ id, isDefault }) => [id, isDefault])).toEqual([
    [second.id, true],
    [first.id, false],
  ]);
  expect((await deal.client.call(calls.removePaymentMethod, { params })).status).toBe(404);
  expect((await person.call(calls.removePaymentMethod, { params })).status).toBe(204);
  expect((await person.must(calls.listPaymentMethods)).items).toMatchObject([{ id: first.id, isDefault: true }]);
  expect((await person.call(calls.removePaymentMethod, { params })).status).toBe(404);
  await until(() => expect(double.of('payment_method', { detached: true })).toHaveLength(1));
  const body = { testCard: 'pm_card_of_nobody', commandId: newId() };
  expect((await person.call(calls.addPaymentMethod, { body })).status).toBe(422);
});

test('J03 Stripe keeps a new card that pays only if that was wished', async () => {
  const own = await makeDeal(app);
  const fund = async (testCard: string, saveMethod: boolean) => {
    const { id: milestoneId } = await plan(own);
    const body = { testCard, saveMethod, commandId: newId() };
    await own.client.must(fundMilestone, { params: { milestoneId }, body });
    await becomes(own, milestoneId, 'funded');
  };
  await fund('pm_card_mastercard', false);
  await fund('pm_card_visa', true);
  await until(async () =>
    expect((await own.client.must(calls.listPaymentMethods)).items.map(({ last4 }) => last4)).toEqual(['4242']),
  );
});

test('J02 J04 money goes from a saved card through the platform to the freelancer, and waits for his account', async () => {
  const own = await makeDeal(app);
  const card = await savedCard(own.client);
  const { id: milestoneId } = await plan(own);
  await payWith(own, milestoneId, card.id);
  const { hold } = await becomes(own, milestoneId, 'funded');
  expect(hold).toMatchObject({ heldMinor: 100_000, isTest: false });
  const submissionId = await submit(own, milestoneId);
  expect((await approve(own, milestoneId, submissionId)).status).toBe(201);
  await until(async () =>
    expect((await look(own, milestoneId)).waiting).toMatchObject({ reason: 'payout_onboarding', on: 'freelancer' }),
  );
  expect(transfersOf(hold?.id)).toEqual([]);
  const destination = await onboard(double, app, own.freelancer);
  await settled(own, milestoneId, 'released');
  const [charge] = double.of('charge', { transfer_group: `ss_hold_${hold?.id}` });
  expect(transfersOf(hold?.id)).toMatchObject([
    { amount: 90_000, currency: 'eur', destination, source_transaction: charge?.id },
  ]);
  await until(async () => {
    const fees = await app.sql(`select 1 from ledger_transactions where object_id = $1 and kind = 'processor_fee'`, [
      charge?.id,
    ]);
    expect(fees).toHaveLength(1);
  });
});

test('I07 a declined card funds nothing and says why; another one does', async () => {
  const card = await savedCard(deal.client, 'pm_card_chargeCustomerFail');
  const { id: milestoneId } = await plan(deal);
  const paymentId = await payWith(deal, milestoneId, card.id);
  await until(async () =>
    expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'declined', on: 'client', paymentId }),
  );
  expect((await look(deal, milestoneId)).hold?.heldMinor).toBe(0);
});

test('T-M8 Stripe takes a release and drops the line: seen as processing, read back, one transfer', async () => {
  const { milestoneId } = await paid(double, deal);
  const hold = (await look(deal, milestoneId)).hold?.id;
  double.trouble('POST /v1/transfers', 'drop', 'drop');
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await until(async () => {
    const [row] = await app.sql(`select 1 from money_operations where hold_id = $1 and state = 'unknown'`, [hold]);
    expect(row).toBeDefined();
  });
  expect((await look(deal, milestoneId)).hold).toMatchObject({ status: 'releasing', releasingMinor: 100_000 });
  await later(31);
  await settled(deal, milestoneId);
  expect(transfersOf(hold)).toHaveLength(1);
  expect((await look(deal, milestoneId)).hold).toMatchObject({ releasedMinor: 100_000, paidMinor: 90_000 });
});

test('T-M8 Stripe takes a release and says nothing: the same key again, one transfer', async () => {
  const { milestoneId } = await paid(double, deal);
  const hold = (await look(deal, milestoneId)).hold?.id;
  double.trouble('POST /v1/transfers', 'hangAfter');
  expect((await release(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  expect(transfersOf(hold)).toHaveLength(1);
});

test('J09 J15 a charged-back payment cannot be refunded or released; won, it can be again', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const dispute = double.payments.openDispute(intent, { amount: 30_000 });
  await until(async () =>
    expect((await look(deal, milestoneId)).hold).toMatchObject({ frozenMinor: 30_000, heldMinor: 70_000 }),
  );
  expect((await refund(deal, milestoneId, 80_000)).status).toBe(409);
  expect((await release(deal, milestoneId, 50_000)).status, 'what is not frozen').toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(dispute, 'won');
  await until(async () =>
    expect((await look(deal, milestoneId)).hold).toMatchObject({ frozenMinor: 0, heldMinor: 50_000 }),
  );
  double.things.get(intent['latest_charge'], 'charge')['disputed'] = false;
  double.moves.refundStatus = 'pending';
  expect((await refund(deal, milestoneId, 50_000)).status).toBe(201);
  const held = await look(deal, milestoneId);
  await until(() => expect(double.of('refund', { payment_intent: intent.id })).toHaveLength(1));
  double.moves.refundStatus = 'succeeded';
  await until(async () => {
    const [row] = await app.sql(`select 1 from money_operations where hold_id = $1 and state = 'pending'`, [
      held.hold?.id,
    ]);
    expect(row, 'not given back before Stripe says so').toBeDefined();
  });
  const [given] = double.of('refund', { payment_intent: intent.id });
  if (given) double.moves.finishRefund(given, 'succeeded');
  expect((await settled(deal, milestoneId)).hold).toMatchObject({ refundedMinor: 50_000, releasedMinor: 50_000 });
});

test('J16 what is available is paid out on demand or by schedule, and each end is a fact in the freelancer’s inbox', async () => {
  const own = await makeDeal(app);
  const account = await onboard(double, app, own.freelancer);
  double.things.add(account, 'eur', 50_000);
  const { freelancer } = own;
  const ask = (amountMinor: number) =>
    freelancer.call(calls.requestPayout, { body: { amountMinor, currency: 'EUR', commandId: newId() } });
  expect((await ask(50_001)).status).toBe(409);
  const inDollars = { amountMinor: 100, currency: 'USD' as const, commandId: newId() };
  expect((await freelancer.call(calls.requestPayout, { body: inDollars })).status, 'he has euros').toBe(409);
  const { status, body } = await ask(20_000);
  expect([status, body.payout.status]).toEqual([201, 'pending']);
  const [sent] = await until(() => {
    const payouts = double.of('payout', { account });
    expect(payouts).toHaveLength(1);
    return payouts;
  });
  if (!sent) throw new Error('no payout');
  expect(await inbox(freelancer, 'payout.requested')).toMatchObject([{ id: body.payout.id, status: 'pending' }]);
  double.moves.finishPayout(sent, 'paid');
  await until(async () =>
    expect(await inbox(freelancer, 'payout.paid')).toMatchObject([{ id: body.payout.id, amountMinor: 20_000 }]),
  );
  sent['status'] = 'pending';
  await sayAgain(double, app, 'payout.updated', sent, account);
  expect((await freelancer.must(calls.listPayouts)).items[0]?.status, 'an older answer changes nothing').toBe('paid');
  double.moves.finishPayout(sent, 'failed', 'The account was closed.');
  await until(async () =>
    expect(await inbox(freelancer, 'payout.failed')).toMatchObject([
      { id: body.payout.id, failureMessage: 'The account was closed.' },
    ]),
  );
  sent['status'] = 'paid';
  await sayAgain(double, app, 'payout.updated', sent, account);
  sent['status'] = 'failed';
  const scheduled = double.moves.payout(account, { amount: 30_000, currency: 'eur', metadata: {} });
  double.moves.finishPayout(scheduled, 'paid');
  await until(async () => expect(await inbox(freelancer, 'payout.paid')).toHaveLength(2));
  const told = (await freelancer.must(listNotifications)).items.map(({ kind }) => kind);
  expect(told.slice(0, 3), 'N02 he is told each time').toEqual(['payout.paid', 'payout.failed', 'payout.paid']);
  const { items } = await freelancer.must(calls.listPayouts);
  expect(items.map(({ amountMinor, status: it }) => [amountMinor, it]).sort()).toEqual([
    [20_000, 'failed'],
    [30_000, 'paid'],
  ]);
  expect((await freelancer.call(calls.setPayoutSchedule, { body: { schedule: 'weekly' } })).status).toBe(204);
  const leaves = new Date((await freelancer.must(calls.getWallet)).nextPayoutAt ?? 0);
  expect([leaves.getUTCDay(), leaves > new Date()], 'UX 32 the next Monday').toEqual([1, true]);
  expect((await freelancer.must(calls.getPayoutAccount)).payoutAccount).toMatchObject({
    schedule: 'weekly',
    status: 'active',
    country: 'DE',
  });
  expect(double.things.get(account, 'v2.core.account')['schedule']).toMatchObject({ interval: 'weekly' });
});

test('J16 a payout that Stripe refuses fails with its reason; nobody without a verified address or an account gets one', async () => {
  const own = await makeDeal(app);
  const stranger = await signUp(app, 'freelancer');
  const body = () => ({ amountMinor: 1_000, currency: 'EUR' as const, commandId: newId() });
  expect((await stranger.call(calls.requestPayout, { body: body() })).status, 'not verified').toBe(403);
  const onboarding = { body: { country: 'DE', commandId: newId() } };
  expect((await stranger.call(calls.openPayoutOnboarding, onboarding)).status, 'not verified').toBe(403);
  await verify(app, stranger);
  expect((await stranger.call(calls.requestPayout, { body: body() })).status, 'without an account').toBe(409);
  const account = await onboard(double, app, own.freelancer);
  double.things.add(account, 'eur', 5_000);
  const setStatus = (status: 'active' | 'restricted') =>
    app.sql('update payout_accounts set status = $2 where account_id = $1', [account, status]);
  await setStatus('restricted');
  expect((await own.freelancer.call(calls.requestPayout, { body: body() })).status, 'not ready').toBe(409);
  await setStatus('active');
  const verifiedAt = (moment: string) =>
    app.sql(`update users set email_verified_at = ${moment} where id = $1`, [own.freelancer.id]);
  await verifiedAt('null');
  const unverified = await own.freelancer.call(calls.requestPayout, { body: body() });
  expect(unverified).toMatchObject({ status: 403, body: { code: 'email_unverified' } });
  await verifiedAt('now()');
  double.trouble('POST /v1/payouts', 'throttle');
  expect((await own.freelancer.call(calls.requestPayout, { body: body() })).status).toBe(201);
  double.things.add(account, 'eur', -5_000);
  await until(async () =>
    expect(await app.sql(`select 1 from money_operations where kind = 'payout' and state = 'unknown'`)).toHaveLength(1),
  );
  await later(31);
  await until(async () => expect(await inbox(own.freelancer, 'payout.failed')).toHaveLength(1));
  expect(double.of('payout', { account })).toEqual([]);
});

async function reconciled() {
  const env = readEnv({ NODE_ENV: 'test', ...stripeEnvironment(double) });
  const desk = { env, databaseUrl: async () => app.databaseUrl, readInput: async () => '' };
  return reconcileVerb.run(desk, { options: {}, words: [] });
}

test('T-M33 the books and Stripe are compared both ways: exactly what differs is named, and stops his releases', async () => {
  const { milestoneId } = await paid(double, deal);
  const milestones = await Promise.all([paid(double, deal), paid(double, deal), paid(double, deal)]);
  for (const it of milestones) await release(deal, it.milestoneId, 100_000);
  for (const it of milestones) await settled(deal, it.milestoneId);
  expect(await reconciled()).toMatchObject({ value: { differences: [] }, exitCode: 0 });

  const holds = await Promise.all(milestones.map(async (it) => (await look(deal, it.milestoneId)).hold?.id));
  const [missing, amount, currency] = holds.map((hold) => transfersOf(hold)[0]);
  if (!missing || !amount || !currency) throw new Error('no transfers');
  double.things.remove(missing.id);
  amount['amount'] = 89_999;
  currency['currency'] = 'usd';
  const extra = double.things.make('tr', 'transfer', {
    amount: 500,
    currency: 'eur',
    destination: accountId,
    metadata: {},
    reversals: { data: [] },
  });
  const { value, text, exitCode } = await reconciled();
  const named = (value as { differences: { objectId: string; what: string }[] }).differences.map(
    ({ objectId, what }) => [objectId, what],
  );
  expect(named.sort()).toEqual(
    [
      [amount.id, 'amount'],
      [currency.id, 'currency'],
      [extra.id, 'unknown'],
      [missing.id, 'missing'],
    ].sort(),
  );
  expect(exitCode).toBe(5);
  expect(text).toContain(missing.id);
  const metrics = await (await fetch(`http://127.0.0.1:${app.port}/metrics`)).text();
  expect(metrics).toMatch(/safesend_processor_differences 4\b/);

  expect((await release(deal, milestoneId, 10_000)).status).toBe(201);
  await until(async () =>
    expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'processor', on: 'product' }),
  );
  double.things.remove(extra.id);
  amount['amount'] = 90_000;
  currency['currency'] = 'eur';
  await app.sql(`update processor_differences set since = since - interval '1 day'`);
  double.things.restore(missing);
  expect(await reconciled()).toMatchObject({ value: { differences: [] } });
  await later(700);
  expect((await settled(deal, milestoneId)).hold).toMatchObject({ releasedMinor: 10_000 });
});

test('J01 J07 J08 with a test key of Stripe statements and invoices say that no real payment was made', async () => {
  const { client } = deal;
  const period = { from: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' };
  const query = new URLSearchParams({ ...period, currency: 'EUR', format: 'csv' });
  const response = await fetch(`${client.base}/api/v1/statements/download?${query}`, {
    headers: { cookie: client.cookie },
  });
  const [, ...rows] = (await response.text()).trimEnd().split('\r\n');
  expect(rows.length).toBeGreaterThan(2);
  expect(new Set(rows.map((row) => row.split(',').at(-1)))).toEqual(new Set(['yes']));
  const { items } = await client.must(calls.listInvoices);
  expect(items.length).toBeGreaterThan(2);
  expect(new Set(items.map(({ isTest }) => isTest))).toEqual(new Set([true]));
  expect(
    app.api.routes.map(({ path }) => path),
    'nobody drives it by hand',
  ).not.toContain('/api/v1/test/money');
});
