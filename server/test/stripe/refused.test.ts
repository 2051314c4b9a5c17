import { advanceClock } from '@safesend/shared/clock.ts';
import { listInvoices, openPayoutOnboarding } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import { creditPaidVerb, creditsVerb } from '../../src/cli/credits.ts';
import { reconcileVerb } from '../../src/cli/reconcile.ts';
import { readEnv } from '../../src/kernel/env.ts';
import { send, type TestApp } from '../harness.ts';
import { look, makeDeal, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paid, paidAndReturned, stripeEnvironment, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage), { isOnboarded: true });

const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });
const again = (milestoneId: string) =>
  deal.client.must(calls.retryRefund, { params: { milestoneId }, body: { commandId: newId() } });
const askedFor = (intent: Thing) =>
  double.asked.filter(({ door, params }) => door === 'POST /v1/refunds' && params['payment_intent'] === intent.id);
const desk = () => ({
  ...{ env: readEnv({ NODE_ENV: 'test' }), databaseUrl: async () => app.databaseUrl, readInput: async () => '' },
});
async function creditOf(milestoneId: string): Promise<number | undefined> {
  const { value } = await creditsVerb.run(desk(), { words: [], options: {} });
  const { credits } = value as { credits: { milestoneId: string; amountMinor: number }[] };
  return credits.find((it) => it.milestoneId === milestoneId)?.amountMinor;
}
const ended = (milestoneId: string, creditMinor: number) =>
  until(async () =>
    expect(await look(deal, milestoneId)).toMatchObject({
      hold: { refundingMinor: 0, refundedMinor: 40_000, creditMinor },
      waiting: { reason: 'refund_returned', on: 'client' },
    }),
  );

test('J09 a refund that Stripe refuses for good is asked for once, and is the client’s credit then', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 60_000)).status).toBe(201);
  await settled(deal, milestoneId);
  // Somebody gave it back by hand.
  double.things.get(intent['latest_charge'], 'charge')['amount_refunded'] = 103_535;
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await ended(milestoneId, 40_000);
  expect((await look(deal, milestoneId)).status, 'nothing is on its way any more').toBe('released');
  await later(700);
  expect(askedFor(intent)).toHaveLength(1);
  expect(await creditOf(milestoneId)).toBe(40_000);
  await until(async () =>
    expect((await deal.client.must(listInvoices)).items.filter((it) => it.milestoneId === milestoneId)).toContainEqual(
      expect.objectContaining({ kind: 'credit_note', totalMinor: 40_000 }),
    ),
  );

  await again(milestoneId);
  await until(() => expect(askedFor(intent)).toHaveLength(2));
  await ended(milestoneId, 40_000);
  const paidOut = { 'amount-minor': '40000', currency: 'EUR', reference: 'Transfer 4711' };
  await creditPaidVerb.run(desk(), { words: [milestoneId], options: paidOut });
  expect(await look(deal, milestoneId)).toMatchObject({ waiting: null, hold: { creditMinor: 0 } });
  expect(await creditOf(milestoneId)).toBeUndefined();
});

test('J09 J15 a refund that meets a chargeback is the client’s credit, and no more of it than his bank leaves', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  double.trouble('POST /v1/refunds', 'throttle');
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  const dispute = double.payments.openDispute(intent);
  await until(async () => expect((await look(deal, milestoneId)).hold?.frozenMinor).toBe(60_000));
  await later(31);
  await ended(milestoneId, 40_000);
  double.payments.closeDispute(dispute, 'lost');
  await until(async () =>
    expect(await look(deal, milestoneId)).toMatchObject({ waiting: null, hold: { creditMinor: 0 } }),
  );
});

test('J09 J15 what is being given back a second time when a chargeback is lost is owed no longer once Stripe refuses it', async () => {
  const { milestoneId, intent } = await paidAndReturned(double, deal);
  await ended(milestoneId, 40_000);
  double.trouble('POST /v1/refunds', 'throttle');
  await again(milestoneId);
  await until(async () =>
    expect(await app.sql(`select 1 from money_operations where kind = 'refund' and state = 'unknown'`)).toHaveLength(1),
  );
  double.payments.closeDispute(double.payments.openDispute(intent), 'lost');
  await until(async () => expect((await look(deal, milestoneId)).hold?.chargedBackMinor).toBe(60_000));
  expect(await creditOf(milestoneId), 'nobody knows yet whether it reached him').toBe(40_000);
  await later(31);
  await until(async () =>
    expect(await look(deal, milestoneId)).toMatchObject({ waiting: null, hold: { creditMinor: 0 } }),
  );
  expect(await creditOf(milestoneId)).toBeUndefined();
});

test('J04 J15 what else Stripe refuses stays where it is in the books, is tried again, and `cli reconcile` says so', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const charge = double.things.get(intent['latest_charge'], 'charge');
  charge['currency'] = 'usd';
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await until(async () =>
    expect(await look(deal, milestoneId)).toMatchObject({
      ...{ waiting: { reason: 'processor', on: 'product' }, hold: { releasingMinor: 100_000 } },
    }),
  );
  const reconciled = async () => {
    const env = readEnv({ NODE_ENV: 'test', ...stripeEnvironment(double) });
    return reconcileVerb.run({ ...desk(), env }, { options: {}, words: [] });
  };
  const { text, value, exitCode } = await reconciled();
  expect(value).toMatchObject({ refused: [{ kind: 'transfer', milestoneId, amountMinor: 90_000 }] });
  expect(text).toContain('another currency');
  expect(exitCode).toBe(5);
  charge['currency'] = 'eur';
  await later(700);
  await settled(deal, milestoneId, 'released');
  expect((await reconciled()).value).toMatchObject({ refused: [] });
});

/** What Stripe was asked to send of a milestone, each time. */
async function transfersOf(milestoneId: string) {
  const group = `ss_hold_${(await look(deal, milestoneId)).hold?.id}`;
  return double.asked.filter(({ door, params }) => door === 'POST /v1/transfers' && params['transfer_group'] === group);
}

test('J04 what Stripe refuses is tried again after half a minute at first, every ten minutes at last, each time under another key', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const charge = double.things.get(intent['latest_charge'], 'charge');
  charge['currency'] = 'usd';
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await until(async () => expect(await transfersOf(milestoneId)).toHaveLength(1));
  await until(async () => expect((await look(deal, milestoneId)).waiting?.reason).toBe('processor'));
  await later(15);
  const other = await paid(double, deal, 20_000);
  expect((await release(deal, other.milestoneId, 20_000)).status).toBe(201);
  await settled(deal, other.milestoneId, 'released');
  expect(await transfersOf(milestoneId), 'what was decided later has left by then').toHaveLength(1);
  for (let tries = 2; tries <= 12; tries++) {
    await later(601);
    await until(async () => expect(await transfersOf(milestoneId)).toHaveLength(tries));
    await until(async () =>
      expect(await app.sql(`select 1 from money_operations where state = 'in_flight'`)).toEqual([]),
    );
  }
  const keys = (await transfersOf(milestoneId)).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  charge['currency'] = 'eur';
  await later(601);
  await settled(deal, milestoneId, 'released');
});

test('J04 what waits for his account leaves at once when that can receive money, however often it was tried', async () => {
  const own = await makeDeal(app);
  // He has begun to set payouts up.
  await own.freelancer.must(openPayoutOnboarding, { body: { country: 'DE', commandId: newId() } });
  const { milestoneId } = await paid(double, own);
  expect((await release(own, milestoneId, 100_000)).status).toBe(201);
  const attempts = async () => {
    const text = `select o.attempts, o.state from money_operations o join holds h on h.id = o.hold_id
      where h.milestone_id = $1 and o.kind = 'transfer'`;
    return (await app.sql<{ attempts: number; state: string }>(text, [milestoneId]))[0];
  };
  for (let tries = 1; tries <= 6; tries++) {
    await until(async () => {
      const now = await attempts();
      expect(now?.state).toBe('waiting');
      expect(now?.attempts).toBeGreaterThanOrEqual(tries);
    });
    if (tries < 6) await later(601);
  }
  await onboard(double, app, own.freelancer);
  await settled(own, milestoneId, 'released');
});

test('J09 what came back is given again while another refund is on its way, and what was given again is not once more', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const sent = async (amountMinor: number) => {
    expect((await refund(deal, milestoneId, amountMinor)).status).toBe(201);
    await settled(deal, milestoneId);
    return double.of('refund', { payment_intent: intent.id, amount: amountMinor }).at(-1) as Thing;
  };
  const credit = (creditMinor: number) =>
    until(async () => expect((await look(deal, milestoneId)).hold).toMatchObject({ creditMinor }));
  double.moves.finishRefund(await sent(40_000), 'failed');
  await credit(40_000);
  double.trouble('POST /v1/refunds', 'throttle');
  expect((await refund(deal, milestoneId, 10_000)).status).toBe(201);
  await until(async () =>
    expect(await app.sql(`select 1 from money_operations where kind = 'refund' and state = 'unknown'`)).toHaveLength(1),
  );
  await again(milestoneId);
  await credit(0);
  await later(31);
  await settled(deal, milestoneId);
  double.moves.finishRefund(await sent(20_000), 'failed');
  await credit(20_000);
  await again(milestoneId);
  await credit(0);
  const given = double.of('refund', { payment_intent: intent.id }).filter((it) => it['status'] === 'succeeded');
  expect(given.map((it) => it['amount']).toSorted()).toEqual([10_000, 20_000, 40_000]);
});

test('J09 J15 what an operator paid the client is no share that a lost chargeback takes off his credit', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const cameBack = async (amountMinor: number) => {
    expect((await refund(deal, milestoneId, amountMinor)).status).toBe(201);
    await settled(deal, milestoneId);
    const [given] = double.of('refund', { payment_intent: intent.id, amount: amountMinor });
    double.moves.finishRefund(given as Thing, 'failed');
    await until(async () => expect((await look(deal, milestoneId)).hold?.creditMinor).toBe(amountMinor));
  };
  await cameBack(40_000);
  const paidOut = { 'amount-minor': '40000', currency: 'EUR', reference: 'Transfer 4712' };
  await creditPaidVerb.run(desk(), { words: [milestoneId], options: paidOut });
  await cameBack(20_000);
  double.payments.closeDispute(double.payments.openDispute(intent, { amount: 60_000 }), 'lost');
  await until(async () =>
    expect((await look(deal, milestoneId)).hold).toMatchObject({ chargedBackMinor: 40_000, creditMinor: 0 }),
  );
});
