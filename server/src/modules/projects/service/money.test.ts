import { expect, test } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

test('X5 a milestone goes from plan to pay: funded when confirmed, released once, every step a fact that names its entry', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const payment = await m.beginFunding(deal, milestoneId);
  expect(payment).toMatchObject({ status: 'processing', amountMinor: 103_535, isTest: true });
  expect((await m.look(deal, milestoneId)).status).toBe('funding');
  await m.drive(deal, payment.id, 'succeed');
  const funded = await m.look(deal, milestoneId);
  expect(funded).toMatchObject({
    status: 'funded',
    hold: { heldMinor: 100_000, serviceFeeMinor: 3_535, status: 'funded' },
  });
  const submissionId = await m.submit(deal, milestoneId);
  expect((await m.approve(deal, milestoneId, submissionId)).status).toBe(201);
  const released = await m.settled(deal, milestoneId, 'released');
  expect(released.hold).toMatchObject({ releasedMinor: 100_000, platformFeeMinor: 10_000, paidMinor: 90_000 });
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([90_000]);
  const told = (await m.factTypes(deal)).filter((type) => type.startsWith('milestone.'));
  expect(told).toEqual([
    'milestone.planned',
    'milestone.funding',
    'milestone.funded',
    'milestone.submitted',
    'milestone.approved',
    'milestone.released',
  ]);
  await m.expectSoundBooks(app);
});
