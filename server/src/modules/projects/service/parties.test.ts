import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import { cancelPayment, fundMilestone } from '@safesend/shared/projects/money-calls.ts';
import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { expect, test, vi } from 'vitest';
import { joinProject, signUp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const becomes = (deal: m.Deal, milestoneId: string, status: string) =>
  vi.waitFor(async () => expect((await m.look(deal, milestoneId)).status).toBe(status), 20_000);

/** A milestone that somebody tried to pay, and gave up; answers that attempt. */
async function triedAndGivenUp(deal: m.Deal): Promise<m.Funded> {
  const { id: milestoneId } = await m.plan(deal);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'decline');
  await deal.client.must(cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
  await becomes(deal, milestoneId, 'planned');
  return { milestoneId, paymentId };
}

/** Somebody else works for the money from now on. */
async function handedOver(deal: m.Deal): Promise<m.Deal> {
  const { client, freelancer, projectId, roomId } = deal;
  const next = await signUp(app, 'freelancer');
  await m.verify(app, next);
  await client.must(removeMember, { params: { roomId, userId: freelancer.id } });
  await joinProject(client, next, projectId);
  await m.setUpPayouts(next);
  return { ...deal, freelancer: next };
}

const paidTo = (milestoneId: string) =>
  app.sql(
    `select a.user_id as id from test_money_objects o join holds h on h.id::text = o.parent_id
       join payout_accounts a on a.account_id = o.detail ->> 'accountId' where h.milestone_id = $1 and o.kind = 'transfer'`,
    [milestoneId],
  );

test('I03 I11 who works for the money is paid, also where somebody else was to be when it was tried first', async () => {
  const before = await m.makeDeal(app);
  const { milestoneId } = await triedAndGivenUp(before);
  const deal = await handedOver(before);
  const { id } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, id, 'succeed');
  const leaving = { params: { roomId: deal.roomId, userId: deal.freelancer.id } };
  expect((await deal.freelancer.call(removeMember, leaving)).status, 'money is held for him').toBe(409);
  await m.release(deal, milestoneId, 100_000);
  await m.settled(deal, milestoneId, 'released');
  expect(await paidTo(milestoneId)).toEqual([{ id: deal.freelancer.id }]);
});

test('T-M24 E03 the late money of an attempt from when others were in the project goes back, and the work is planned anew', async () => {
  const before = await m.makeDeal(app);
  const { milestoneId, paymentId } = await triedAndGivenUp(before);
  const deal = await handedOver(before);
  await m.succeedLate(app, deal, paymentId);
  expect((await m.settled(deal, milestoneId, 'planned')).hold).toMatchObject({ heldMinor: 0, refundedMinor: 100_000 });
  const body = { commandId: newId() };
  const answer = await deal.client.call(fundMilestone, { params: { milestoneId }, body });
  const detail = expect.stringContaining('plan it anew') as string;
  expect(answer, 'that is of others for ever').toMatchObject({ status: 409, body: { detail } });
  await deal.client.must(projects.cancelMilestone, { params: { milestoneId }, body: {} });
  const { milestoneId: anew } = await m.fund(deal);
  await m.release(deal, anew, 100_000);
  await m.settled(deal, anew, 'released');
  expect(await paidTo(anew)).toEqual([{ id: deal.freelancer.id }]);
});
