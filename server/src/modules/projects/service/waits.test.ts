import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const command = () => ({ commandId: newId() });
const pay = ({ client }: m.Deal, milestoneId: string) =>
  client.must(calls.fundMilestone, { params: { milestoneId }, body: command() });
const waits = async (deal: m.Deal, milestoneId: string, waiting: object) =>
  vi.waitFor(async () => expect((await m.look(deal, milestoneId)).waiting).toMatchObject(waiting), 20_000);

async function agreeOnMore(deal: m.Deal, milestoneId: string): Promise<void> {
  const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
}

/** 400.00 are released and arrive. */
async function arrives(deal: m.Deal, milestoneId: string) {
  expect((await m.release(deal, milestoneId, 40_000)).status).toBe(201);
  const milestone = await m.settled(deal, milestoneId);
  expect(milestone.hold?.releasedMinor).toBe(40_000);
  return milestone;
}

test('I05 X18 what arrives takes nothing from what the client is asked: the difference, and his bank’s question about it', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await agreeOnMore(deal, milestoneId);
  expect((await arrives(deal, milestoneId)).waiting).toMatchObject({ reason: 'top_up' });
  const { payment } = await pay(deal, milestoneId);
  await m.drive(deal, payment.id, 'challenge');
  expect((await m.refund(deal, milestoneId, 10_000)).status).toBe(201);
  const asked = { reason: 'challenge', paymentId: payment.id };
  expect((await m.settled(deal, milestoneId)).waiting).toMatchObject(asked);
  const { items } = await deal.client.must(listNotifications, { query: { filter: 'unread' } });
  expect(items.map(({ kind }) => kind)).toContain('waiting.bank');
  await m.drive(deal, payment.id, 'succeed');
  expect(await m.look(deal, milestoneId)).toMatchObject({ waiting: null, amountMinor: 130_000 });
});

test('I05 J04 what waits for payouts takes nothing from what his bank asks the client, and is said once that is over', async () => {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId } = await m.fund(deal);
  await agreeOnMore(deal, milestoneId);
  const { payment } = await pay(deal, milestoneId);
  await m.drive(deal, payment.id, 'challenge');
  expect((await m.release(deal, milestoneId, 40_000)).status).toBe(201);
  await vi.waitFor(async () => {
    const text = `select 1 from money_operations o join holds h on h.id = o.hold_id
      where h.milestone_id = $1 and o.kind = 'transfer' and o.state = 'waiting'`;
    expect(await app.sql(text, [milestoneId])).toHaveLength(1);
  }, 20_000);
  await waits(deal, milestoneId, { reason: 'challenge', paymentId: payment.id });
  await m.drive(deal, payment.id, 'succeed');
  await deal.client.must(advanceClock, { body: { advanceSeconds: 700 } });
  await waits(deal, milestoneId, { reason: 'payout_onboarding', on: 'freelancer' });
});

test('J09 a refund that came back waits for the client whatever arrives beside it, and whatever is paid', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  expect((await m.refund(deal, milestoneId, 30_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'refund_returned');
  await waits(deal, milestoneId, { reason: 'refund_returned', on: 'client' });
  expect((await arrives(deal, milestoneId)).waiting).toMatchObject({ reason: 'refund_returned' });
  await agreeOnMore(deal, milestoneId);
  await waits(deal, milestoneId, { reason: 'top_up' });
  await m.drive(deal, (await pay(deal, milestoneId)).payment.id, 'succeed');
  await waits(deal, milestoneId, { reason: 'refund_returned', on: 'client' });
  await deal.client.must(calls.retryRefund, { params: { milestoneId }, body: command() });
  await vi.waitFor(
    async () => expect(await m.look(deal, milestoneId)).toMatchObject({ waiting: null, hold: { creditMinor: 0 } }),
    20_000,
  );
});
