import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { expectSoundBooks, look, makeDeal, proposeAmount, refund, release, settled, type Deal } from '../money.ts';
import { StripeDouble } from './double.ts';
import { intentOf, onboard, paid, paying, payWith, startWithStripe, unsaid, until } from './product.ts';
import type { Thing } from './state.ts';

let double: StripeDouble;
let app: TestApp;
let deal: Deal;
let accountId: string;
beforeAll(async () => {
  double = await new StripeDouble().listen();
  app = await startWithStripe(double);
  deal = await makeDeal(app);
  accountId = await onboard(double, app, deal.freelancer);
});
afterAll(async () => {
  await until(() => expectSoundBooks(app));
  await app.close();
  await double.close();
});

const holds = (milestoneId: string, hold: object, more: object = {}) =>
  until(async () => expect(await look(deal, milestoneId)).toMatchObject({ ...more, hold }));
const countOf = async (milestoneId: string, status: string): Promise<number> => {
  const rows = await app.sql(
    `select 1 from chargebacks c join holds h on h.id = c.hold_id where h.milestone_id = $1 and c.status = $2`,
    [milestoneId, status],
  );
  return rows.length;
};
const open = async (milestoneId: string, intent: Thing, amount?: number): Promise<Thing> => {
  const before = await countOf(milestoneId, 'open');
  const dispute = double.payments.openDispute(intent, amount === undefined ? {} : { amount });
  await until(async () => expect(await countOf(milestoneId, 'open')).toBe(before + 1));
  return dispute;
};

/** 1,000.00, and 300.00 that were agreed and paid later. */
async function toppedUp() {
  const { milestoneId, intent: first } = await paid(double, deal);
  const { hash } = await proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  const second = await intentOf(double, await payWith(deal, milestoneId));
  double.payments.succeed(second);
  await holds(milestoneId, { heldMinor: 130_000 });
  return { milestoneId, first, second };
}

test('J15 a chargeback that is won leaves its share to the other of the payment: frozen for it, and borne by the hold', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const whole = await open(milestoneId, intent);
  const part = await open(milestoneId, intent, 50_000);
  await holds(milestoneId, { frozenMinor: 100_000, heldMinor: 0 });
  double.payments.closeDispute(whole, 'won');
  await holds(milestoneId, { frozenMinor: 50_000, heldMinor: 50_000 }, { status: 'disputed' });
  const { clocks } = await look(deal, milestoneId);
  expect(
    clocks.map(({ kind }) => kind),
    'its bank still takes evidence',
  ).toContain('evidence');
  expect((await release(deal, milestoneId, 50_001)).status).toBe(409);
  double.payments.closeDispute(part, 'lost');
  const after = { chargedBackMinor: 50_000, frozenMinor: 0, heldMinor: 50_000, owedMinor: 0, recoveredMinor: 0 };
  await holds(milestoneId, after, { status: 'funded' });
  expect((await look(deal, milestoneId)).clocks.map(({ kind }) => kind)).not.toContain('evidence');
});

test('J15 of what was released before, the freelancer bears the chargeback that is lost after another was won', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await settled(deal, milestoneId, 'released');
  const whole = await open(milestoneId, intent);
  const part = await open(milestoneId, intent, 50_000);
  double.payments.closeDispute(whole, 'won');
  await until(async () => expect(await countOf(milestoneId, 'won')).toBe(1));
  double.payments.closeDispute(part, 'lost');
  await holds(milestoneId, { owedMinor: 0, recoveredMinor: 50_000, chargedBackMinor: 0 });
});

test('J09 J15 a chargeback of what was given back freezes nothing of what came with another payment, nor does anybody owe it', async () => {
  const { milestoneId, first, second } = await toppedUp();
  expect((await refund(deal, milestoneId, 50_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const ofSecond = await open(milestoneId, second);
  expect(await look(deal, milestoneId)).toMatchObject({
    ...{ status: 'funded', hold: { heldMinor: 80_000, frozenMinor: 0 } },
  });
  expect((await release(deal, milestoneId, 30_000)).status).toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(ofSecond, 'lost');
  await until(async () => expect(await countOf(milestoneId, 'lost')).toBe(1));
  await holds(milestoneId, { heldMinor: 50_000, owedMinor: 0, recoveredMinor: 0 });
  double.payments.closeDispute(await open(milestoneId, first), 'lost');
  const borne = { chargedBackMinor: 50_000, refundedMinor: 50_000, heldMinor: 0, frozenMinor: 0, owedMinor: 0 };
  await holds(milestoneId, { ...borne, recoveredMinor: 27_000 });
});

test('J15 a chargeback freezes what is left of its own payment, and a top-up stays releasable', async () => {
  const { milestoneId, first } = await toppedUp();
  expect((await release(deal, milestoneId, 60_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const dispute = await open(milestoneId, first);
  await holds(milestoneId, { frozenMinor: 40_000, heldMinor: 30_000 });
  expect((await release(deal, milestoneId, 30_000)).status).toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(dispute, 'lost');
  const taken = { chargedBackMinor: 40_000, releasedMinor: 90_000, heldMinor: 0, frozenMinor: 0, owedMinor: 0 };
  await holds(milestoneId, { ...taken, recoveredMinor: 60_000 });
});

test('J09 J15 while a bank disputes one payment, what is given back is taken from the other, and is not frozen there once more', async () => {
  const { milestoneId, first, second } = await toppedUp();
  const dispute = await open(milestoneId, second, 10_000);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  expect(double.of('refund', { payment_intent: first.id })).toMatchObject([{ amount: 40_000 }]);
  expect((await release(deal, milestoneId, 50_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const other = await open(milestoneId, first);
  await holds(milestoneId, { frozenMinor: 20_000, heldMinor: 20_000 });
  for (const it of [dispute, other]) double.payments.closeDispute(it, 'won');
  await holds(milestoneId, { frozenMinor: 0, heldMinor: 40_000 });
});

test('J15 what several chargebacks take back from several transfers is what he owes, and no more than each transfer brought', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  for (const part of [50_000, 50_000]) {
    expect((await release(deal, milestoneId, part)).status).toBe(201);
    await settled(deal, milestoneId);
  }
  const there = double.things.balance(accountId, 'eur');
  double.things.add(accountId, 'eur', -there);
  const disputes = [await open(milestoneId, intent, 30_000), await open(milestoneId, intent, 20_000)];
  for (const [at, dispute] of disputes.entries()) {
    double.payments.closeDispute(dispute, 'lost');
    await until(async () => expect(await countOf(milestoneId, 'lost')).toBe(at + 1));
  }
  await holds(milestoneId, { owedMinor: 50_000, recoveredMinor: 0 });
  double.things.add(accountId, 'eur', there);
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 700 } });
  await holds(milestoneId, { owedMinor: 0, recoveredMinor: 50_000 });
  const asked = await app.sql<{ minor: number }>(
    `select o.amount_minor::float8 as minor from money_operations o join holds h on h.id = o.hold_id
     where h.milestone_id = $1 and o.kind = 'reversal' order by 1`,
    [milestoneId],
  );
  expect(asked.map(({ minor }) => minor)).toEqual([5_000, 15_000, 30_000]);
});

test('J09 J15 a chargeback that is lost takes off the credit what goes beyond what was held, and no more', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const [given] = double.of('refund', { payment_intent: intent.id });
  if (!given) throw new Error('no refund');
  double.moves.finishRefund(given, 'failed');
  await holds(milestoneId, { creditMinor: 40_000 });
  double.payments.closeDispute(await open(milestoneId, intent, 70_000), 'lost');
  await holds(milestoneId, { chargedBackMinor: 60_000, creditMinor: 30_000 });
  double.payments.closeDispute(await open(milestoneId, intent, 20_000), 'lost');
  await holds(milestoneId, { creditMinor: 10_000 }, { waiting: { reason: 'refund_returned' } });
});

test('J13 J15 a chargeback that is heard of before its payment freezes what came with it', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const said = await unsaid(double, () => {
    double.payments.succeed(intent);
    double.payments.openDispute(intent);
  });
  const disputed = said.filter(({ type }) => type.startsWith('charge.dispute.'));
  for (const event of disputed) expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () => expect(await countOf(milestoneId, 'open')).toBe(1));
  for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
  await holds(milestoneId, { frozenMinor: 100_000, heldMinor: 0 }, { status: 'disputed' });
});

test('J13 J15 a chargeback waits for its payment as long as that does not match what was asked', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const said = await unsaid(double, () => {
    double.payments.succeed(intent, 100);
    double.payments.openDispute(intent);
  });
  for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
  const dispute = said.find(({ type }) => type.startsWith('charge.dispute.'));
  await until(async () =>
    expect(await app.sql('select state, note from processor_events where id = $1', [dispute?.id])).toMatchObject([
      { state: 'received', note: expect.stringContaining('payment') as unknown },
    ]),
  );
  expect(await countOf(milestoneId, 'open')).toBe(0);
});

test('J15 of several chargebacks the next end of evidence is counted down to when one has passed', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const dueIn = async (days: number): Promise<Thing> => {
    let dispute: Thing | undefined;
    const said = await unsaid(double, () => {
      dispute = double.payments.openDispute(intent, { amount: 10_000 });
      const details = dispute['evidence_details'] as { due_by: number };
      details.due_by = Math.floor(Date.now() / 1_000) + days * 86_400;
    });
    const before = await countOf(milestoneId, 'open');
    for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
    await until(async () => expect(await countOf(milestoneId, 'open')).toBe(before + 1));
    return dispute as Thing;
  };
  const [, second, third] = [await dueIn(3), await dueIn(7), await dueIn(10)];
  const endOf = (dispute: Thing) =>
    new Date((dispute['evidence_details'] as { due_by: number }).due_by * 1_000).toISOString();
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 4 * 86_400 } });
  const evidence = async () => (await look(deal, milestoneId)).clocks.find(({ kind }) => kind === 'evidence')?.dueAt;
  await until(async () => expect(await evidence()).toBe(endOf(second)));
  double.payments.closeDispute(third, 'won');
  await until(async () => expect(await countOf(milestoneId, 'won')).toBe(1));
  expect(await evidence()).toBe(endOf(second));
});
