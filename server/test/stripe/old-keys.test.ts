import { advanceClock } from '@safesend/shared/clock.ts';
import { requestPayout } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, plan, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble, Trouble } from './double.ts';
import { paid, payWith, savedCard, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal, account: string;
onStage((stage) => ({ double, app, deal, accountId: account } = stage), { isOnboarded: true });

/** A day in which nobody looked: Stripe has forgotten every key by then. */
async function aDayLater(): Promise<void> {
  double.forgetKeys();
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 25 * 3_600 } });
}
const inDoubt = (kind: string) =>
  until(async () => {
    const text = `select next_at - sent_at >= interval '30 seconds' as waits from money_operations where kind = $1 and state = 'unknown'`;
    expect(await app.sql(text, [kind]), 'nobody asks again before its answer can be lost').toEqual([{ waits: true }]);
  });
const keysOf = (door: string) => double.asked.filter((it) => it.door === door).map(({ key }) => key);

/** What leaves the platform, what brings it about, and where it is asked for. */
const moves = {
  transfer: { door: 'POST /v1/transfers', move: (milestoneId: string) => release(deal, milestoneId, 40_000) },
  refund: { door: 'POST /v1/refunds', move: (milestoneId: string) => refund(deal, milestoneId, 40_000) },
} as const;
const lost: readonly Trouble[] = ['drop', 'drop'];

test.each(['transfer', 'refund'] as const)(
  'T-M8 G10 a %s in doubt for longer than Stripe keeps its key is read back, and made once',
  async (kind) => {
    const { milestoneId, intent } = await paid(double, deal);
    const { door, move } = moves[kind];
    double.trouble(door, ...lost);
    expect((await move(milestoneId)).status).toBe(201);
    await inDoubt(kind);
    const [key, ...others] = keysOf(door).slice(-1);
    expect(others).toEqual([]);
    await aDayLater();
    await settled(deal, milestoneId);
    const group = `ss_hold_${(await look(deal, milestoneId)).hold?.id}`;
    const made = double.of(kind, kind === 'transfer' ? { transfer_group: group } : { payment_intent: intent.id });
    expect(made).toHaveLength(1);
    expect(keysOf(door).at(-1), 'it was not asked for again').toBe(key);
  },
);

test.each(['transfer', 'refund'] as const)(
  'T-M8 G10 a %s that Stripe never received is made a day later, under a key it cannot have forgotten',
  async (kind) => {
    const { milestoneId, intent } = await paid(double, deal);
    const { door, move } = moves[kind];
    double.trouble(door, 'throttle');
    const before = keysOf(door).length;
    expect((await move(milestoneId)).status).toBe(201);
    await inDoubt(kind);
    await aDayLater();
    await settled(deal, milestoneId);
    const [row] = await app.sql<{ id: string }>(
      `select o.id from money_operations o join holds h on h.id = o.hold_id where h.milestone_id = $1 and o.kind = $2`,
      [milestoneId, kind],
    );
    const keys = keysOf(door).slice(before);
    expect(keys).toHaveLength(1);
    expect(keys, 'the old one is not used again').not.toContain(`op_${row?.id}`);
    const group = `ss_hold_${(await look(deal, milestoneId)).hold?.id}`;
    const made = double.of(kind, kind === 'transfer' ? { transfer_group: group } : { payment_intent: intent.id });
    expect(made).toMatchObject([{ metadata: { money_op_id: row?.id } }]);
  },
);

test('T-M8 J15 a transfer that was asked for and that a chargeback cut since is made once the bank is through, under another key', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  double.trouble('POST /v1/transfers', 'fault', 'throttle');
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await inDoubt('transfer');
  const his = double.things.get(account, 'v2.core.account');
  double.moves.setAccount(his, 'restricted');
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 31 } });
  await until(async () => expect((await look(deal, milestoneId)).waiting?.reason).toBe('payout_onboarding'));
  const is = (status: string) =>
    until(async () =>
      expect(await app.sql('select status from chargebacks order by opened_at desc limit 1')).toEqual([{ status }]),
    );
  const dispute = double.payments.openDispute(intent, { amount: 30_000 });
  await is('open');
  double.payments.closeDispute(dispute, 'won');
  await is('won');
  double.moves.setAccount(his, 'active');
  await settled(deal, milestoneId, 'released');
  const group = `ss_hold_${(await look(deal, milestoneId)).hold?.id}`;
  const sent = double.of('transfer', { transfer_group: group }).map(({ amount }) => amount as number);
  expect(sent.reduce((sum, it) => sum + it, 0)).toBe(90_000);
});

test('T-M8 J04 J15 a transfer that Stripe never received, whose payment is charged back by the time that is known, waits for the bank', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  double.trouble('POST /v1/transfers', 'throttle');
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await inDoubt('transfer');
  const isAt = (status: string) =>
    until(async () => {
      const text = `select status from chargebacks c join holds h on h.id = c.hold_id where h.milestone_id = $1`;
      expect(await app.sql(text, [milestoneId])).toEqual([{ status }]);
    });
  const dispute = double.payments.openDispute(intent);
  await isAt('open');
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 31 } });
  await until(async () => {
    const text = `select state from money_operations o join holds h on h.id = o.hold_id where h.milestone_id = $1 and o.kind = 'transfer'`;
    expect(await app.sql(text, [milestoneId])).toEqual([{ state: 'frozen' }]);
  });
  const group = `ss_hold_${(await look(deal, milestoneId)).hold?.id}`;
  expect(double.of('transfer', { transfer_group: group })).toEqual([]);
  double.payments.closeDispute(dispute, 'won');
  await settled(deal, milestoneId, 'released');
  expect(double.of('transfer', { transfer_group: group })).toMatchObject([{ amount: 90_000 }]);
});

test('J16 a payout in doubt for longer than Stripe keeps its key is read back, and made once', async () => {
  double.things.add(account, 'eur', 5_000);
  double.trouble('POST /v1/payouts', ...lost);
  const body = { amountMinor: 2_000, currency: 'EUR' as const, commandId: newId() };
  const { payout } = await deal.freelancer.must(requestPayout, { body });
  await inDoubt('payout');
  const before = double.of('payout', { account }).length;
  await aDayLater();
  await until(async () =>
    expect(await app.sql('select state from money_operations where payout_id = $1', [payout.id])).toEqual([
      { state: 'succeeded' },
    ]),
  );
  expect(double.of('payout', { account })).toHaveLength(before);
});

test('J02 I07 a payment with a saved card that is in doubt for a day is one charge, however late its answer comes', async () => {
  const card = await savedCard(deal.client);
  const { id: milestoneId } = await plan(deal);
  double.webhooks.mode = 'held';
  double.trouble('POST /v1/payment_intents', ...lost);
  const paymentId = await payWith(deal, milestoneId, card.id);
  await inDoubt('payment');
  // The attempt itself goes on: only its answer is old.
  await app.sql(`delete from clocks where milestone_id = $1 and kind = 'payment'`, [milestoneId]);
  await aDayLater();
  await until(async () => expect((await look(deal, milestoneId)).status).toBe('funded'));
  double.webhooks.mode = 'sent';
  const made = double
    .of('payment_intent')
    .filter(({ metadata }) => (metadata as Record<string, string>)['payment_id'] === paymentId);
  expect(made).toMatchObject([{ status: 'succeeded' }]);
});

test('J02 I07 a payment that Stripe never heard of in a day is not begun then: the client is asked again', async () => {
  const card = await savedCard(deal.client);
  const { id: milestoneId } = await plan(deal);
  double.trouble('POST /v1/payment_intents', 'throttle');
  const paymentId = await payWith(deal, milestoneId, card.id);
  await inDoubt('payment');
  await app.sql(`delete from clocks where milestone_id = $1 and kind = 'payment'`, [milestoneId]);
  await aDayLater();
  await until(async () =>
    expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'declined', on: 'client', paymentId }),
  );
  const made = double
    .of('payment_intent')
    .filter(({ metadata }) => (metadata as Record<string, string>)['payment_id'] === paymentId);
  expect(made).toEqual([]);
});
