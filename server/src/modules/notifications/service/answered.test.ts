import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications, markNotificationsRead } from '@safesend/shared/notifications/calls.ts';
import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { cancelMilestone, changeMilestone } from '@safesend/shared/projects/calls.ts';
import {
  acceptProposal,
  answerCancellation,
  cancelPayment,
  declineProposal,
  requestChanges,
} from '@safesend/shared/projects/money-calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as money from '../../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const day = 86_400;

async function unread(person: Person): Promise<NotificationKind[]> {
  const { items } = await person.must(listNotifications, { query: { filter: 'unread', limit: 50 } });
  return items.map(({ kind }) => kind);
}

const untilUnread = (person: Person) => expect.poll(() => unread(person), { interval: 50, timeout: 20_000 });

async function quiet(deal: money.Deal): Promise<void> {
  for (const person of [deal.client, deal.freelancer])
    await person.must(markNotificationsRead, { body: { all: true } });
}

test.each([
  [
    'given up',
    (deal: money.Deal, paymentId: string) =>
      deal.client.must(cancelPayment, { params: { paymentId }, body: { commandId: newId() } }),
  ],
  ['declined', (deal: money.Deal, paymentId: string) => money.drive(deal, paymentId, 'decline')],
  ['paid', (deal: money.Deal, paymentId: string) => money.drive(deal, paymentId, 'succeed')],
] as const)(
  'N02 X18 when an attempt is %s nothing says any more that the bank asks, and of another it does',
  async (_how, end) => {
    const deal = await money.makeDeal(app);
    const asked = async () => {
      const { id } = await money.plan(deal);
      const payment = await money.beginFunding(deal, id);
      await money.drive(deal, payment.id, 'challenge');
      return payment.id;
    };
    await quiet(deal);
    const ending = await asked();
    await asked();
    expect((await unread(deal.client)).filter((kind) => kind === 'waiting.bank')).toHaveLength(2);
    await end(deal, ending);
    await expect
      .poll(async () => (await unread(deal.client)).filter((kind) => kind === 'waiting.bank'), { interval: 50 })
      .toHaveLength(1);
  },
);

test('N02 I17 the reminders of a review and of what is unpaid end with what they remind of', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  const submissionId = await money.submit(deal, milestoneId);
  const { now } = await deal.client.must(advanceClock, { body: { advanceSeconds: 0 } });
  const dueAt = new Date(new Date(now).getTime() + 8.5 * day * 1_000).toISOString();
  const { id: unpaid } = await money.plan(deal, 100_000, dueAt);
  await quiet(deal);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 6 * day + 60 } });
  await untilUnread(deal.client).toEqual(expect.arrayContaining(['review.1d', 'funding.3d']));
  await money.approve(deal, milestoneId, submissionId);
  expect(await unread(deal.client)).not.toContain('review.1d');
  expect(await unread(deal.client), 'the other still waits').toContain('funding.3d');
  await money.drive(deal, (await money.beginFunding(deal, unpaid)).id, 'succeed');
  await untilUnread(deal.client).not.toContain('funding.3d');
});

test('N02 I17 J15 a date, evidence, a proposal and a request to end it are not asked for any more once they are answered', async () => {
  const deal = await money.makeDeal(app);
  const advance = async (days: number) =>
    (await deal.client.must(advanceClock, { body: { advanceSeconds: Math.round(days * day) } })).now;
  const dueAt = new Date(new Date(await advance(0)).getTime() + 2.5 * day * 1_000).toISOString();
  const { milestoneId, paymentId } = await money.fund(deal, 100_000, dueAt);
  const params = { milestoneId };
  await quiet(deal);
  await money.proposeAmount(deal.client, milestoneId, 120_000);
  await deal.client.must(cancelMilestone, { params, body: { reason: 'Plans changed' } });
  await advance(0.6);
  await untilUnread(deal.freelancer).toEqual([
    'deadline.2d',
    'milestone.cancellation.requested',
    'milestone.change.proposed',
  ]);
  await deal.freelancer.must(answerCancellation, { params, body: { accept: false, commandId: newId() } });
  expect(await unread(deal.freelancer)).toEqual(['deadline.2d', 'milestone.change.proposed']);
  await money.submit(deal, milestoneId);
  expect(await unread(deal.freelancer)).toEqual(['milestone.change.proposed']);
  const hash = (await money.look(deal, milestoneId)).proposal?.hash ?? '';
  await deal.client.must(declineProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  expect(await unread(deal.freelancer)).toEqual(['milestone.change.declined']);
  await quiet(deal);
  await money.drive(deal, paymentId, 'chargeback');
  const untilEvidence = () =>
    expect.poll(async () => (await unread(deal.freelancer)).filter((kind) => kind.startsWith('evidence')), {
      ...{ interval: 50, timeout: 20_000 },
    });
  await advance(4.1);
  await untilEvidence().toEqual(['evidence.3d']);
  await advance(2);
  await untilEvidence().toEqual(['evidence.1d']);
  await money.drive(deal, paymentId, 'chargeback_won');
  await untilEvidence().toEqual([]);
  expect(await unread(deal.freelancer)).toContain('chargeback.won');
});

test('N02 I14 what was handed in is not to be reviewed any more once it is answered, nor an earlier one beside the next', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  await quiet(deal);
  await money.submit(deal, milestoneId);
  const submissionId = await money.submit(deal, milestoneId);
  expect(await unread(deal.client), 'the newer one alone').toEqual(['milestone.submitted']);
  await deal.client.must(requestChanges, {
    params: { milestoneId },
    body: { submissionId, reason: 'Wider letters', commandId: newId() },
  });
  expect(await unread(deal.client)).toEqual([]);
  const again = await money.submit(deal, milestoneId);
  expect(await unread(deal.client)).toEqual(['milestone.submitted']);
  await money.approve(deal, milestoneId, again);
  await untilUnread(deal.client).not.toContain('milestone.submitted');
});

test('N02 X18 whoever agreed to be paid more is not asked any more to look at what was proposed', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  await quiet(deal);
  const { hash } = await money.proposeAmount(deal.client, milestoneId, 130_000);
  expect(await unread(deal.freelancer)).toEqual(['milestone.change.proposed']);
  await deal.freelancer.must(acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  expect((await money.look(deal, milestoneId)).proposal?.acceptedBy).toBe(deal.freelancer.id);
  expect(await unread(deal.freelancer)).toEqual([]);
});

test('N02 I17 once it is overdue nobody reads that it is due in some days', async () => {
  const deal = await money.makeDeal(app);
  const { now } = await deal.client.must(advanceClock, { body: { advanceSeconds: 0 } });
  const dueAt = new Date(new Date(now).getTime() + 2.5 * day * 1_000).toISOString();
  const { title } = await money.plan(deal, 100_000, dueAt);
  await money.fund(deal, 100_000, dueAt);
  await quiet(deal);
  await deal.client.must(advanceClock, { body: { advanceSeconds: day } });
  await untilUnread(deal.freelancer).toEqual(['deadline.2d']);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 2 * day } });
  await untilUnread(deal.freelancer).toEqual(expect.arrayContaining(['overdue.unfunded', 'milestone.overdue']));
  expect(await unread(deal.freelancer)).not.toContain('deadline.2d');
  expect(await unread(deal.client), title).not.toContain('funding.1d');
});

test('N02 J06 whoever has set up payouts and been paid is not told any more that money waits for that', async () => {
  const deal = await money.meet(app);
  await money.beginPayouts(deal.freelancer);
  const { milestoneId } = await money.fund(deal);
  await money.approve(deal, milestoneId, await money.submit(deal, milestoneId));
  await untilUnread(deal.freelancer).toContain('waiting.payouts');
  await money.setUpPayouts(deal.freelancer);
  await money.settled(deal, milestoneId, 'released');
  await untilUnread(deal.freelancer).not.toContain('waiting.payouts');
  expect(await unread(deal.freelancer)).toContain('milestone.released');
});

test('N02 I13 the end that both sides agreed to is told once, with what goes back', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  await quiet(deal);
  await deal.client.must(cancelMilestone, { params: { milestoneId }, body: { reason: 'Plans changed' } });
  await deal.freelancer.must(answerCancellation, {
    params: { milestoneId },
    body: { accept: true, commandId: newId() },
  });
  await money.settled(deal, milestoneId, 'cancelled');
  await untilUnread(deal.client).toEqual(['milestone.refunded', 'milestone.ended']);
  const { items } = await deal.client.must(listNotifications, { query: { limit: 50 } });
  expect(items.find(({ kind }) => kind === 'milestone.ended')).toMatchObject({ amountMinor: 100_000, currency: 'EUR' });
});

test('N02 I13 of the end the sum is told that goes back with it, whatever else is on its way back or went back before', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  await app.sql(`update holds set processor = 'stripe' where milestone_id = $1`, [milestoneId]);
  expect((await money.refund(deal, milestoneId, 30_000)).status).toBe(201);
  await quiet(deal);
  await deal.client.must(cancelMilestone, { params: { milestoneId }, body: { reason: 'Plans changed' } });
  await deal.freelancer.must(answerCancellation, {
    params: { milestoneId },
    body: { accept: true, commandId: newId() },
  });
  const { items } = await deal.client.must(listNotifications, { query: { limit: 50, filter: 'unread' } });
  expect(items.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([['milestone.ended', 70_000]]);
  await app.sql(`update holds set processor = 'test-money' where milestone_id = $1`, [milestoneId]);
  await money.settled(deal, milestoneId, 'cancelled');
});

test('N02 I18 a plan whose money came too late and went back was taken out by whoever planned it, not ended by both sides', async () => {
  const deal = await money.makeDeal(app);
  const { id: milestoneId } = await money.plan(deal);
  const { id: paymentId } = await money.beginFunding(deal, milestoneId);
  await money.drive(deal, paymentId, 'decline');
  await deal.client.must(cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
  await expect.poll(async () => (await money.look(deal, milestoneId)).status, { timeout: 20_000 }).toBe('planned');
  await deal.client.must(changeMilestone, { params: { milestoneId }, body: { amountMinor: 90_000 } });
  await money.succeedLate(app, deal, paymentId);
  await money.settled(deal, milestoneId, 'planned');
  await quiet(deal);
  await deal.client.must(cancelMilestone, { params: { milestoneId } });
  await untilUnread(deal.freelancer).toEqual(['milestone.cancelled']);
});

test('N02 J04 what waits for payouts is not read because the client is asked for something beside it', async () => {
  const deal = await money.meet(app);
  await money.beginPayouts(deal.freelancer);
  const { milestoneId } = await money.fund(deal);
  expect((await money.release(deal, milestoneId, 40_000)).status).toBe(201);
  await untilUnread(deal.freelancer).toContain('waiting.payouts');
  const { hash } = await money.proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  expect(await unread(deal.freelancer)).toContain('waiting.payouts');
});
