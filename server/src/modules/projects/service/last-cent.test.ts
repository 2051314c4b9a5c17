import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { migrate } from '../../../kernel/database.ts';
import { readEnv } from '../../../kernel/env.ts';
import { findBroken } from '../../escrow/service/checks.ts';
import { reconcileVerb } from '../../../cli/reconcile.ts';

/** Of 360.00 the fee is 36.00, of 359.99 it is 35.99: the last cent is nothing but fee. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await app.close();
});

const all = { releasedMinor: 36_000, releasingMinor: 0, platformFeeMinor: 3_600, paidMinor: 32_400, heldMinor: 0 };

test('I4 T-M21 a last part that is nothing but fee ends the release: nothing is sent, and the books hold', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal, 36_000);
  expect((await m.release(deal, milestoneId, 35_999)).status).toBe(201);
  await m.settled(deal, milestoneId);
  expect((await m.release(deal, milestoneId, 1)).status).toBe(201);
  expect((await m.settled(deal, milestoneId, 'released')).hold).toMatchObject(all);
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([32_400]);
  await m.expectSoundBooks(app);
  const desk = {
    env: readEnv({ NODE_ENV: 'test' }),
    databaseUrl: async () => app.databaseUrl,
    readInput: async () => '',
  };
  const compared = await reconcileVerb.run(desk, { words: [], options: {} });
  expect(compared.value, 'the processor was asked for nothing more').toMatchObject({ differences: [] });

  await m.drive(deal, paymentId, 'chargeback');
  expect((await m.look(deal, milestoneId)).hold, 'all that he has of it').toMatchObject({ atRiskMinor: 32_400 });
  await m.drive(deal, paymentId, 'chargeback_lost');
  await vi.waitFor(async () => {
    expect((await m.look(deal, milestoneId)).hold).toMatchObject({ recoveredMinor: 32_400, owedMinor: 0 });
  }, 20_000);
  await m.expectSoundBooks(app);
});

test('I4 T-M21 the same while the greater part waits for his payouts to be set up', async () => {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId } = await m.fund(deal, 36_000);
  expect((await m.release(deal, milestoneId, 35_999)).status).toBe(201);
  expect((await m.release(deal, milestoneId, 1)).status).toBe(201);
  expect((await m.look(deal, milestoneId)).status, 'the most of it is to come').toBe('approved');
  await m.expectSoundBooks(app);
  await m.setUpPayouts(deal.freelancer);
  expect((await m.settled(deal, milestoneId, 'released')).hold).toMatchObject(all);
  await m.expectSoundBooks(app);
});

interface OldPart {
  readonly payment_id: string;
  readonly gross: number;
}
/** What there was of these parts before they had operations: nothing but what the hold says. */
async function forget(milestoneId: string): Promise<OldPart[]> {
  return app.sql<OldPart>(
    `delete from money_operations o using holds h where h.id = o.hold_id and h.milestone_id = $1 and o.kind = 'transfer'
       and o.amount_minor = 0 returning o.payment_id, o.gross_minor::float8 as gross`,
    [milestoneId],
  );
}
const partsOf = (milestoneId: string) =>
  app.sql<OldPart>(
    `select o.payment_id, o.gross_minor::float8 as gross from money_operations o join holds h on h.id = o.hold_id
     where h.milestone_id = $1 and o.kind = 'transfer' and o.amount_minor = 0 order by o.seq`,
    [milestoneId],
  );
const brokenHolds = async () => (await findBroken(app.orm.em.fork())).flatMap(({ ids }) => ids);
const holdOf = async (milestoneId: string) =>
  (await app.sql<{ id: string }>('select id from holds where milestone_id = $1', [milestoneId]))[0]?.id ?? '';
async function update(): Promise<void> {
  await app.sql(`delete from migrations where name = '040_fee_parts_of_before'`);
  await migrate(app.databaseUrl);
}

/** 360.00 released as 359.99 and a cent, and 300.00 that were agreed and paid later and are held. */
async function toppedUp(deal: m.Deal): Promise<string> {
  const { milestoneId } = await m.fund(deal, 36_000);
  const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 66_000);
  const accepted = { params: { milestoneId, hash }, body: { commandId: newId() } };
  await deal.client.must(calls.acceptProposal, accepted);
  await m.drive(deal, (await m.beginFunding(deal, milestoneId)).id, 'succeed');
  for (const part of [35_999, 1]) {
    expect((await m.release(deal, milestoneId, part)).status).toBe(201);
    await m.settled(deal, milestoneId);
  }
  return milestoneId;
}

test('I4 an update writes down the parts of before that were nothing but fee, of the payment that they were of, once', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId: alone } = await m.fund(deal, 36_000);
  for (const part of [35_999, 1]) {
    expect((await m.release(deal, alone, part)).status).toBe(201);
    await m.settled(deal, alone);
  }
  const both = await toppedUp(deal);
  const before = [await forget(alone), await forget(both)];
  expect(before).toMatchObject([[{ gross: 1 }], [{ gross: 1 }]]);
  expect(await brokenHolds()).toEqual(expect.arrayContaining([await holdOf(alone), await holdOf(both)]));
  await update();
  expect([await partsOf(alone), await partsOf(both)]).toEqual(before);
  await m.expectSoundBooks(app);
  await update();
  expect([await partsOf(alone), await partsOf(both)], 'nothing more').toEqual(before);
  expect((await m.release(deal, both, 30_000)).status).toBe(201);
  expect((await m.settled(deal, both, 'released')).hold).toMatchObject({ paidMinor: 59_400, platformFeeMinor: 6_600 });
  await m.expectSoundBooks(app);
});

test('I4 an update leaves alone what a hold misses for another reason, or of a payment that cannot be told', async () => {
  const deal = await m.makeDeal(app);
  const other = await toppedUp(deal);
  await forget(other);
  await app.sql(`update holds h set paid_minor = paid_minor - 1 where milestone_id = $1`, [other]);
  const disputed = await toppedUp(deal);
  await forget(disputed);
  const [payment] = await app.sql<{ id: string }>(
    `select p.id from payments p join holds h on h.id = p.hold_id where h.milestone_id = $1 order by p.settled_at limit 1`,
    [disputed],
  );
  await m.drive(deal, payment?.id ?? '', 'chargeback');
  await m.drive(deal, payment?.id ?? '', 'chargeback_won');
  await update();
  expect([await partsOf(other), await partsOf(disputed)]).toEqual([[], []]);
});
