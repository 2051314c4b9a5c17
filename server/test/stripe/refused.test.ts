import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import { creditPaidVerb, creditsVerb } from '../../src/cli/credits.ts';
import { reconcileVerb } from '../../src/cli/reconcile.ts';
import { readEnv } from '../../src/kernel/env.ts';
import { send, type TestApp } from '../harness.ts';
import { look, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { paid, stripeEnvironment, until } from './product.ts';
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
  const { milestoneId, intent } = await paid(double, deal);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const [given] = double.of('refund', { payment_intent: intent.id });
  if (!given) throw new Error('no refund');
  double.moves.finishRefund(given, 'failed');
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
