import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, proposeAmount, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { intentOf, paid, paidAndReturned, payWith, sayAgain, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp, deal: Deal, accountId: string;
onStage((stage) => ({ double, app, deal, accountId } = stage), { isOnboarded: true });

async function released(): Promise<{ milestoneId: string; intent: Thing; transfer: Thing }> {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  const { hold } = await settled(deal, milestoneId, 'released');
  const [transfer] = double.of('transfer', { transfer_group: `ss_hold_${hold?.id}` });
  if (!transfer) throw new Error('no transfer');
  return { milestoneId, intent, transfer };
}

test('J15 a lost chargeback reverses the transfer under its own key; a cut line is read back, and it is one reversal', async () => {
  const { milestoneId, intent, transfer } = await released();
  const dispute = double.payments.openDispute(intent);
  await until(async () => expect((await look(deal, milestoneId)).clocks.map(({ kind }) => kind)).toContain('evidence'));
  double.trouble(`POST /v1/transfers/${transfer.id}/reversals`, 'hangAfter');
  double.payments.closeDispute(dispute, 'lost');
  await until(async () => expect((await look(deal, milestoneId)).hold?.recoveredMinor).toBe(90_000));
  const reversals = double.of('transfer_reversal', { transfer: transfer.id });
  expect(reversals).toMatchObject([{ amount: 90_000, currency: 'eur' }]);
  const asked = double.asked.filter(({ door }) => door === `POST /v1/transfers/${transfer.id}/reversals`);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  await sayAgain(double, app, 'charge.dispute.updated', dispute);
  expect((await look(deal, milestoneId)).hold, 'heard again').toMatchObject({ owedMinor: 0, recoveredMinor: 90_000 });
});

test('J15 several chargebacks of one payment are about no more than it brought: what came with another stays held', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const { hash } = await proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  double.payments.succeed(await intentOf(double, await payWith(deal, milestoneId)));
  await until(async () => expect((await look(deal, milestoneId)).hold?.heldMinor).toBe(130_000));
  const parts = [60_000, 43_535].map((amount) => double.payments.openDispute(intent, { amount }));
  await until(async () => expect((await look(deal, milestoneId)).hold?.frozenMinor).toBeGreaterThan(60_000));
  expect((await look(deal, milestoneId)).hold).toMatchObject({ frozenMinor: 100_000, heldMinor: 30_000 });
  expect((await release(deal, milestoneId, 30_000)).status).toBe(201);
  for (const dispute of parts) double.payments.closeDispute(dispute, 'lost');
  await until(async () =>
    expect((await look(deal, milestoneId)).hold).toMatchObject({
      ...{ chargedBackMinor: 100_000, frozenMinor: 0, releasedMinor: 30_000, owedMinor: 0, recoveredMinor: 0 },
    }),
  );
});

test('J15 with nothing left in his account a receivable waits, and the next transfer pays it', async () => {
  const { milestoneId, intent } = await released();
  double.things.add(accountId, 'eur', -double.things.balance(accountId, 'eur'));
  double.payments.closeDispute(double.payments.openDispute(intent), 'lost');
  await until(async () =>
    expect(await look(deal, milestoneId)).toMatchObject({
      hold: { owedMinor: 90_000, recoveredMinor: 0 },
      waiting: { reason: 'recovery', on: 'freelancer' },
    }),
  );
  await released();
  await until(async () =>
    expect(await look(deal, milestoneId)).toMatchObject({
      hold: { owedMinor: 0, recoveredMinor: 90_000 },
      waiting: null,
    }),
  );
  expect(double.things.balance(accountId, 'eur')).toBe(0);
});

test.each(['succeeded', 'pending'] as const)(
  'J09 a refund that was %s and fails later is the client’s credit, said twice and once booked; he has it tried again',
  async (first) => {
    const { milestoneId, intent } = await paid(double, deal);
    double.moves.refundStatus = first;
    expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
    await until(async () => {
      const rows = await app.sql(
        `select 1 from money_operations o join holds h on h.id = o.hold_id where h.milestone_id = $1 and o.kind = 'refund' and o.state = $2`,
        [milestoneId, first],
      );
      expect(rows).toHaveLength(1);
    });
    double.moves.refundStatus = 'succeeded';
    const [given] = double.of('refund', { payment_intent: intent.id });
    if (!given) throw new Error('no refund');
    double.webhooks.copies = 2;
    double.moves.finishRefund(given, 'failed');
    double.webhooks.copies = 1;
    await until(async () =>
      expect(await look(deal, milestoneId)).toMatchObject({
        hold: { refundedMinor: 40_000, refundingMinor: 0, creditMinor: 40_000 },
        waiting: { reason: 'refund_returned', on: 'client' },
      }),
    );
    await sayAgain(double, app, 'refund.failed', given);
    expect((await look(deal, milestoneId)).hold?.creditMinor, 'heard again').toBe(40_000);
    const body = { commandId: newId() };
    await deal.client.must(calls.retryRefund, { params: { milestoneId }, body });
    await until(async () => expect((await look(deal, milestoneId)).hold?.creditMinor).toBe(0));
    expect(double.of('refund', { payment_intent: intent.id })).toMatchObject([
      { status: 'failed' },
      { status: 'succeeded', amount: 40_000 },
    ]);
  },
);

test('J09 a refund whose return is heard of again takes nothing of another that is on its way', async () => {
  const { milestoneId, given } = await paidAndReturned(double, deal);
  await until(async () => expect((await look(deal, milestoneId)).hold?.creditMinor).toBe(40_000));
  double.trouble('POST /v1/refunds', 'throttle');
  expect((await refund(deal, milestoneId, 50_000)).status).toBe(201);
  await sayAgain(double, app, 'refund.failed', given);
  expect((await look(deal, milestoneId)).hold).toMatchObject({
    ...{ creditMinor: 40_000, refundingMinor: 50_000, refundedMinor: 40_000 },
  });
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 31 } });
  await until(async () =>
    expect((await look(deal, milestoneId)).hold).toMatchObject({ refundingMinor: 0, refundedMinor: 90_000 }),
  );
});
