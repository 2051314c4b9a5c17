import { advanceClock } from '@safesend/shared/clock.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { getDashboard } from '@safesend/shared/projects/calls.ts';
import { expect, test, vi } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const waitsFor = async (deal: m.Deal, milestoneId: string, waiting: object | null) =>
  vi.waitFor(
    async () =>
      waiting
        ? expect((await m.look(deal, milestoneId)).waiting).toMatchObject(waiting)
        : expect((await m.look(deal, milestoneId)).waiting).toBeNull(),
    20_000,
  );
const payouts = { reason: 'payout_onboarding', on: 'freelancer' };

/** A release of all of it, or of a part, to a freelancer who has begun to set up payouts. */
async function released(gross = 100_000) {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId, paymentId } = await m.fund(deal);
  expect((await m.release(deal, milestoneId, gross)).status).toBe(201);
  await waitsFor(deal, milestoneId, payouts);
  return { deal, milestoneId, paymentId };
}

/** Is he asked to set up payouts: by what he has to read, or among what waits for him? */
async function isAsked({ freelancer }: m.Deal) {
  const { items } = await freelancer.must(listNotifications, { query: { filter: 'unread' } });
  const { turns } = await freelancer.must(getDashboard);
  return { unread: items.some(({ kind }) => kind === 'waiting.payouts'), turns: turns.length };
}

test('J04 J15 a release that the bank keeps from leaving does not wait for payouts: nobody is asked for what would not bring it', async () => {
  const { deal, milestoneId, paymentId } = await released();
  expect(await isAsked(deal)).toEqual({ unread: true, turns: 1 });
  await m.drive(deal, paymentId, 'chargeback');
  expect(await m.look(deal, milestoneId)).toMatchObject({ waiting: null, hold: { releasingMinor: 100_000 } });
  expect(await isAsked(deal)).toEqual({ unread: false, turns: 0 });
  await m.setUpPayouts(deal.freelancer);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 700 } });
  expect(await m.look(deal, milestoneId)).toMatchObject({ waiting: null, hold: { releasingMinor: 100_000 } });
  await m.drive(deal, paymentId, 'chargeback_won');
  expect(await m.settled(deal, milestoneId, 'released')).toMatchObject({ waiting: null, hold: { paidMinor: 90_000 } });
});

test('J04 J15 once the bank has decided for him it waits for payouts again, where they are not set up yet', async () => {
  const { deal, milestoneId, paymentId } = await released();
  await m.drive(deal, paymentId, 'chargeback');
  await m.drive(deal, paymentId, 'chargeback_won');
  await waitsFor(deal, milestoneId, payouts);
  expect(await isAsked(deal)).toEqual({ unread: true, turns: 1 });
});

test('J04 J15 what could not be sent and turns out to be disputed meanwhile waits for the bank as well', async () => {
  const { deal, milestoneId, paymentId } = await released();
  const transfer = `from holds h where h.id = o.hold_id and o.kind = 'transfer' and h.milestone_id = $1`;
  await app.sql(`update money_operations o set state = 'unknown', next_at = 'infinity' ${transfer}`, [milestoneId]);
  await m.drive(deal, paymentId, 'chargeback');
  expect((await m.look(deal, milestoneId)).waiting, 'it may have been sent').toMatchObject(payouts);
  await app.sql(`update money_operations o set next_at = now() ${transfer}`, [milestoneId]);
  await waitsFor(deal, milestoneId, null);
  expect(await isAsked(deal)).toEqual({ unread: false, turns: 0 });
});
