import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { readEnv } from '../../../kernel/env.ts';
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
