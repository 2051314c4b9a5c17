import { listInvoices } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { changeProject, createProject, getDashboard } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinProject, signUp, startTestApp, type Person, type TestApp } from './harness.ts';
import * as money from './money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** The freelancer owns the project, so that its client can go and another come. */
async function ofFreelancer(): Promise<money.Deal> {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await money.verify(app, client, freelancer);
  const { project } = await freelancer.must(createProject, {
    body: { title: 'Of the freelancer', description: '', currency: 'EUR', milestones: [] },
  });
  await joinProject(freelancer, client, project.id);
  await money.setUpPayouts(freelancer);
  return { client, freelancer, projectId: project.id, roomId: project.roomId };
}

async function successor(owner: Person, { roomId, projectId }: money.Deal, gone: Person): Promise<Person> {
  const next = await signUp(app, gone.user.role);
  await money.verify(app, next);
  await owner.must(removeMember, { params: { roomId, userId: gone.id } });
  await joinProject(owner, next, projectId);
  return next;
}

test('L6 J09 who pays next reads nothing of how the one before him paid', async () => {
  const deal = await ofFreelancer();
  const { id: milestoneId } = await money.plan(deal);
  const { id: paymentId } = await money.beginFunding(deal, milestoneId);
  await money.drive(deal, paymentId, 'decline');
  await deal.client.must(calls.retryPayment, { params: { paymentId }, body: { commandId: newId() } });
  await money.drive(deal, paymentId, 'succeed');
  await money.release(deal, milestoneId, 100_000);
  await money.settled(deal, milestoneId, 'released');
  const mine = await deal.client.must(calls.getMilestone, { params: { milestoneId } });
  expect(mine.payments.length).toBeGreaterThan(0);
  const next = await successor(deal.freelancer, deal, deal.client);
  await money.drive(deal, paymentId, 'chargeback');
  await money.drive(deal, paymentId, 'chargeback_lost');
  const { payments, takenBackMinor } = await next.must(calls.getMilestone, { params: { milestoneId } });
  expect({ payments, takenBackMinor }).toEqual({ payments: [], takenBackMinor: 0 });
});

test('J09 whose refund came back stays in the room until he has it again', async () => {
  const deal = await ofFreelancer();
  const { milestoneId, paymentId } = await money.fund(deal);
  await money.refund(deal, milestoneId, 100_000);
  await money.settled(deal, milestoneId, 'refunded');
  await money.drive(deal, paymentId, 'refund_returned');
  const { roomId } = deal;
  const remove = () => deal.freelancer.call(removeMember, { params: { roomId, userId: deal.client.id } });
  expect(await remove()).toMatchObject({ status: 409, body: { code: 'conflict' } });
  await deal.client.must(calls.retryRefund, { params: { milestoneId }, body: { commandId: newId() } });
  await expect.poll(async () => (await remove()).status).toBe(204);
});

test('J15 N02 L7 what a lost chargeback takes back is told to him who owes it, also when he has left, under the name he knew', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId, paymentId } = await money.fund(deal);
  await money.release(deal, milestoneId, 100_000);
  await money.settled(deal, milestoneId, 'released');
  const { client, freelancer, projectId } = deal;
  const before = (await freelancer.must(listNotifications, {})).items[0]?.roomTitle;
  const next = await successor(client, deal, freelancer);
  await client.must(changeProject, { params: { projectId }, body: { title: 'What he must not know' } });
  await money.drive(deal, paymentId, 'chargeback');
  await money.drive(deal, paymentId, 'chargeback_lost');
  const owed = async (who: Person) =>
    (await who.must(listNotifications, {})).items.filter(({ kind }) => kind === 'chargeback.owed');
  await expect.poll(() => owed(freelancer)).toMatchObject([{ amountMinor: 90_000, roomId: null, roomTitle: before }]);
  expect(await owed(next)).toEqual([]);
  await expect
    .poll(async () => (await freelancer.must(listInvoices)).items)
    .toContainEqual(expect.objectContaining({ kind: 'credit_note', projectTitle: before }));
  const { turns } = await next.must(getDashboard);
  expect(turns).toEqual([]);
});

test('J09 N02 L7 whose refund comes back after he has left is told so in his inbox', async () => {
  const deal = await ofFreelancer();
  const { milestoneId, paymentId } = await money.fund(deal);
  await money.refund(deal, milestoneId, 100_000);
  await money.settled(deal, milestoneId, 'refunded');
  const { client, freelancer } = deal;
  await successor(freelancer, deal, client);
  await money.drive(deal, paymentId, 'refund_returned');
  const returned = async (who: Person) =>
    (await who.must(listNotifications, {})).items.filter(({ kind }) => kind === 'milestone.refund.returned');
  await expect.poll(() => returned(freelancer)).toHaveLength(1);
  expect(await returned(client)).toMatchObject([{ amountMinor: 100_000, roomId: null }]);
});
