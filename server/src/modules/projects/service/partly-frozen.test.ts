import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { isMove, type MilestoneMove } from '@safesend/shared/projects/moves.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

/** 1,000.00 and 300.00 that were agreed on top and handed in for; the bank takes the 300.00 back. */
async function partlyFrozen() {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'succeed');
  const submissionId = await m.submit(deal, milestoneId);
  await m.drive(deal, paymentId, 'chargeback');
  return { deal, milestoneId, paymentId, submissionId };
}

test('X15 X22 I09 while a part is frozen, what is free is released and given back, and not one unit more', async () => {
  const { deal, milestoneId, paymentId } = await partlyFrozen();
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ heldMinor: 100_000, frozenMinor: 30_000 });
  const tooMuch = { status: 409, body: { detail: expect.stringContaining('Only €1,000.00 of €1,300.00') as string } };
  expect(await m.release(deal, milestoneId, 100_001)).toMatchObject(tooMuch);
  expect(await m.refund(deal, milestoneId, 100_001)).toMatchObject(tooMuch);
  expect((await m.release(deal, milestoneId, 60_000)).status).toBe(201);
  expect((await m.refund(deal, milestoneId, 40_001)).status).toBe(409);
  expect((await m.refund(deal, milestoneId, 40_000)).status).toBe(201);
  const empty = await m.settled(deal, milestoneId, 'disputed');
  expect(empty.hold).toMatchObject({ heldMinor: 0, frozenMinor: 30_000, releasedMinor: 60_000, refundedMinor: 40_000 });
  expect((await m.release(deal, milestoneId, 1)).status).toBe(409);
  await m.drive(deal, paymentId, 'chargeback_won');
  const { status, hold } = await m.look(deal, milestoneId);
  expect([status, hold?.heldMinor], 'the work goes on with what was frozen').toEqual(['submitted', 30_000]);
  expect((await m.release(deal, milestoneId, 30_000)).status).toBe(201);
  await m.settled(deal, milestoneId, 'released');
});

test('X22 I13 every move is refused while a part is frozen exactly where the rule that pages offer by has none', async () => {
  const { deal, milestoneId, submissionId } = await partlyFrozen();
  const { client, freelancer } = deal;
  const params = { milestoneId };
  const body = { commandId: newId() };
  const answer = { submissionId, commandId: newId() };
  const moves: Record<MilestoneMove, () => Promise<{ status: number }>> = {
    start: () => freelancer.call(calls.startMilestone, { params, body }),
    submit: () => freelancer.call(calls.submitMilestone, { params, body: { note: 'Again', files: [] } }),
    answer: () => client.call(calls.approveMilestone, { params, body: answer }),
    propose: () => client.call(calls.proposeChange, { params, body: { title: 'Four screens' } }),
    end: () => client.call(projects.cancelMilestone, { params, body: { reason: 'Plans changed' } }),
    release: () => m.release(deal, milestoneId, 1_000),
    refund: () => m.refund(deal, milestoneId, 1_000),
  };
  for (const [move, make] of Object.entries(moves) as [MilestoneMove, (typeof moves)[MilestoneMove]][]) {
    const isOffered = isMove(await m.look(deal, milestoneId), move);
    expect({ move, status: (await make()).status }).toEqual({ move, status: isOffered ? 201 : 409 });
  }
  const changes = { params, body: { ...answer, reason: 'More' } };
  expect((await client.call(calls.requestChanges, changes)).status).toBe(409);
  await m.settled(deal, milestoneId);
});
