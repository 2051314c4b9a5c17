import { listInvoices } from '@safesend/shared/escrow/calls.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { expectSoundBooks, look, makeDeal, release, settled, type Deal } from '../money.ts';
import { migrate } from '../../src/kernel/database.ts';
import { Hold } from '../../src/modules/escrow/entity.ts';
import { presentChargeback, type ChargebackRow } from '../../src/modules/escrow/present.ts';
import { bookingOf, movementOf } from '../../src/modules/escrow/service/booking.ts';
import { findBroken } from '../../src/modules/escrow/service/checks.ts';
import { book } from '../../src/modules/escrow/service/ledger.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paid, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

/** Lost as it was before it was kept what he owes for it: the books say it, and nothing else does. */
async function loseAsBefore(deal: Deal, milestoneId: string, owed: bigint): Promise<void> {
  const milestone = await look(deal, milestoneId);
  await app.transact({ id: null }, async (tx) => {
    const hold = await tx.em.findOneOrFail(Hold, { milestoneId });
    const [row] = await tx.query<ChargebackRow>(
      `update chargebacks set status = 'lost', closed_at = $2 where hold_id = $1 returning *`,
      [hold.id, tx.now],
    );
    if (!row) throw new Error('no chargeback');
    hold.atRiskMinor = 0n;
    const amount = BigInt(row.amount_minor);
    const movement = movementOf(hold, amount, 0n);
    const chargeback = presentChargeback(row, milestoneId, 0n);
    const fact = tx.append(hold.roomId, { type: 'chargeback.closed', data: { milestone, chargeback, movement } });
    await book(tx, bookingOf(movement, 'chargeback_lost', hold, null, fact, row.id), [
      { account: 'receivable', ownerId: hold.freelancerId, amountMinor: owed },
      { account: 'chargeback_loss', amountMinor: amount - owed },
      { account: 'dispute_suspense', amountMinor: -amount },
    ]);
  });
}

async function lostBefore(amount: number, owed: bigint) {
  const deal = await makeDeal(app);
  await onboard(double, app, deal.freelancer);
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await settled(deal, milestoneId, 'released');
  double.payments.openDispute(intent, { amount });
  await until(async () => expect((await look(deal, milestoneId)).hold?.atRiskMinor).toBeGreaterThan(0));
  await loseAsBefore(deal, milestoneId, owed);
  return { deal, milestoneId };
}

/** What the platform's papers say that it keeps of its fee. */
const isKept = ({ freelancer }: Deal, minor: number) =>
  until(async () => {
    expect(await app.sql('select 1 from papers_due')).toEqual([]);
    const { items } = await freelancer.must(listInvoices);
    const ofPlatform = items.filter(({ issuerName, kind }) => issuerName === 'SafeSend' && kind !== 'receipt');
    expect(ofPlatform.reduce((sum, it) => sum + (it.kind === 'invoice' ? 1 : -1) * it.totalMinor, 0)).toBe(minor);
  });

test('J08 J15 I8 an update keeps of a chargeback that was lost long ago what he owes for it, and invoices the fee again that its papers took back too much', async () => {
  const part = await lostBefore(50_000, 50_000n);
  const whole = await lostBefore(100_000, 90_000n);
  // As if he owed nothing, and the platform bore it.
  await isKept(part.deal, 0);
  await isKept(whole.deal, 0);
  expect((await findBroken(app.orm.em.fork())).map(({ invariant }) => invariant.slice(0, 2))).toEqual(['I8']);
  await app.sql(`delete from migrations where name = '041_owed_before'`);
  await migrate(app.databaseUrl);
  await isKept(part.deal, 10_000);
  await isKept(whole.deal, 0);
  await expectSoundBooks(app);
  expect((await look(part.deal, part.milestoneId)).hold).toMatchObject({ owedMinor: 50_000, recoveredMinor: 0 });
  expect((await look(whole.deal, whole.milestoneId)).hold).toMatchObject({ owedMinor: 90_000, recoveredMinor: 0 });
});
