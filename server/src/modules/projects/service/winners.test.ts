import { driveTestMoney } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const command = () => ({ commandId: newId() });
const wonBy = (type: string) => ({ status: 409, body: { code: 'conflict', winner: { type } } });
const pay = ({ client }: m.Deal, milestoneId: string, more: object = {}) =>
  client.call(calls.fundMilestone, { params: { milestoneId }, body: { ...command(), ...more } });
const giveUp = ({ client }: m.Deal, paymentId: string) =>
  client.call(calls.cancelPayment, { params: { paymentId }, body: command() });

async function givenUp(deal: m.Deal, paymentId: string, milestoneId: string): Promise<void> {
  expect((await giveUp(deal, paymentId)).status).toBe(201);
  await vi.waitFor(async () => expect((await m.look(deal, milestoneId)).status).toBe('planned'), { timeout: 20_000 });
}

test('X6 whoever pays too late is told by which fact: another attempt, another amount, its end, the money', async () => {
  const deal = await m.makeDeal(app);
  const { client } = deal;
  const { id: milestoneId } = await m.plan(deal);
  await client.must(projects.changeMilestone, { params: { milestoneId }, body: { amountMinor: 120_000 } });
  const dear = await pay(deal, milestoneId, { amountMinor: 100_000 });
  expect(dear, 'the amount is another one').toMatchObject(wonBy('milestone.changed'));
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  expect(await pay(deal, milestoneId), 'it is being paid').toMatchObject(wonBy('milestone.funding'));
  await m.drive(deal, paymentId, 'challenge');
  await givenUp(deal, paymentId, milestoneId);
  const late = [
    await giveUp(deal, paymentId),
    await client.call(calls.retryPayment, { params: { paymentId }, body: command() }),
    await client.call(driveTestMoney, { body: { paymentId, outcome: 'succeed' } }),
  ];
  for (const answer of late) expect(answer, 'it was given up').toMatchObject(wonBy('payment.failed'));
  const second = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, second.id, 'succeed');
  const paid = [
    await pay(deal, milestoneId),
    await giveUp(deal, second.id),
    await client.call(driveTestMoney, { body: { paymentId: second.id, outcome: 'succeed' } }),
  ];
  for (const answer of paid) expect(answer, 'it is paid').toMatchObject(wonBy('milestone.funded'));
});

test('G2 what is said of a test payment is done once under its command id, whatever came after it', async () => {
  const deal = await m.makeDeal(app);
  const { client } = deal;
  const { id: paymentId } = await m.beginFunding(deal, (await m.plan(deal)).id);
  const say = (outcome: 'succeed' | 'decline', { commandId } = command()) =>
    client.call(driveTestMoney, { body: { paymentId, outcome, commandId } });
  const first = command();
  expect((await say('decline', first)).body.payment).toMatchObject({ id: paymentId, status: 'declined' });
  await client.must(calls.retryPayment, { params: { paymentId }, body: command() });
  const again = await say('decline', first);
  expect(again.body.payment.status, 'its answer was lost: the new try is not declined').toBe('processing');
  const paid = command();
  expect((await say('succeed', paid)).body.payment).toMatchObject({ status: 'succeeded' });
  expect((await say('succeed', paid)).body.payment).toMatchObject({ id: paymentId, status: 'succeeded' });
  expect(await say('succeed')).toMatchObject(wonBy('milestone.funded'));
});

test('X6 whoever answers or releases too late is told by which fact, in no machine’s words', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  const propose = (amountMinor: number) => m.proposeAmount(freelancer, milestoneId, amountMinor);
  const [first, second] = [await propose(90_000), await propose(80_000)];
  const accept = (hash: string) =>
    client.call(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
  expect(await accept(first.hash), 'another proposal').toMatchObject(wonBy('milestone.change.proposed'));
  const withdraw = { params: { milestoneId, hash: second.hash }, body: command() };
  expect((await freelancer.call(calls.declineProposal, withdraw)).status).toBe(201);
  expect(await accept(second.hash), 'it was taken back').toMatchObject(wonBy('milestone.change.declined'));

  const submissionId = await m.submit(deal, milestoneId);
  expect((await m.release(deal, milestoneId, 100_000)).status).toBe(201);
  await m.settled(deal, milestoneId, 'released');
  const approval = await m.approve(deal, milestoneId, submissionId);
  expect(approval, 'nothing is left to approve').toMatchObject(wonBy('milestone.released'));
  expect(approval.body).toMatchObject({ detail: 'A milestone that is released cannot be approved.' });
});

test('X6 in a project that is over the plan is told by which fact it is', async () => {
  const { client, projectId } = await m.makeDeal(app);
  const { milestone } = await client.must(projects.planMilestone, {
    params: { projectId },
    body: { ...m.half, amountMinor: 10_000 },
  });
  await client.must(projects.completeProject, { params: { projectId } });
  const params = { milestoneId: milestone.id };
  const late = [
    await client.call(projects.planMilestone, { params: { projectId }, body: { ...m.half, amountMinor: 10_000 } }),
    await client.call(projects.changeMilestone, { params, body: { title: 'Late' } }),
    await client.call(projects.cancelMilestone, { params, body: {} }),
  ];
  for (const answer of late) expect(answer).toMatchObject(wonBy('project.completed'));
});

test('I05 N01 an attempt that its payer gave up is said once, as given up, and nobody is told of a decline', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'challenge');
  await givenUp(deal, paymentId, milestoneId);
  const told = async (person: m.Deal['client']) =>
    (await person.must(listNotifications, { query: { limit: 50 } })).items.filter(
      ({ kind }) => kind === 'payment.failed',
    );
  expect([await told(deal.client), await told(deal.freelancer)]).toEqual([[], []]);
  const declined = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, declined.id, 'decline');
  await givenUp(deal, declined.id, milestoneId);
  expect(await told(deal.client), 'of the decline alone').toHaveLength(1);
  expect(await told(deal.freelancer), 'how a client pays is his own affair').toEqual([]);
  const attempts = await deal.client.must(calls.getMilestone, { params: { milestoneId } });
  expect(attempts.payments.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  const failed = await app.sql<{ status: string }>(
    `select p.data -> 'payment' ->> 'status' as status from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type = 'payment.failed' order by f.seq`,
    [deal.roomId],
  );
  expect(failed.map(({ status }) => status)).toEqual(['cancelled', 'declined', 'cancelled']);
});
