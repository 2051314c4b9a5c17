import { advanceClock } from '@safesend/shared/clock.ts';
import * as wallet from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { getRoom } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const until = <Value>(look: () => Promise<Value>) => vi.waitFor(look, { timeout: 20_000, interval: 50 });
const say = (person: Person, part: 'person' | 'bank') => person.call(wallet.answerTestMoney, { body: { part } });
const accountOf = async (person: Person) => (await person.must(wallet.getPayoutAccount)).payoutAccount;
const transfersOf = (milestoneId: string) => m.objectsOf(app, milestoneId, 'transfer');

/** Approved, and the freelancer has begun to say where the money is to go. */
async function approved() {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId } = await m.fund(deal);
  await m.approve(deal, milestoneId, await m.submit(deal, milestoneId));
  await until(async () =>
    expect(await m.look(deal, milestoneId)).toMatchObject({
      status: 'approved',
      hold: { releasingMinor: 100_000, paidMinor: 0 },
      waiting: { reason: 'payout_onboarding', on: 'freelancer' },
    }),
  );
  return { ...deal, milestoneId };
}

test('J04 what is approved waits for a freelancer who has not finished to set up payouts; he is told, and it moves once he is through', async () => {
  const deal = await approved();
  const { freelancer, milestoneId } = deal;
  expect(await transfersOf(milestoneId)).toEqual([]);
  expect(await m.factTypes(deal)).toContain('milestone.waiting');
  const told = async (person: Person) =>
    (await person.must(listNotifications)).items.filter(({ kind }) => kind === 'waiting.payouts');
  expect(await told(freelancer), 'whose turn it is').toHaveLength(1);
  expect(await told(deal.client)).toEqual([]);
  await m.setUpPayouts(freelancer);
  expect((await m.settled(deal, milestoneId, 'released')).waiting).toBeNull();
  expect(await transfersOf(milestoneId)).toEqual([90_000]);
  await m.expectSoundBooks(app);
});

test('J04 the form of test money can be left and taken up again: what is missing is named, and nothing moves before its end', async () => {
  const stranger = await signUp(app, 'freelancer');
  expect(await accountOf(stranger)).toMatchObject({ status: 'none' });
  expect((await say(stranger, 'person')).status, 'nothing was begun').toBe(409);
  const deal = await approved();
  const { freelancer, milestoneId } = deal;
  const { url } = await m.beginPayouts(freelancer);
  expect(new URL(url).pathname).toBe('/payments/payouts/test-money');
  expect(await accountOf(freelancer)).toMatchObject({
    status: 'onboarding',
    requirements: ['Who you are', 'Your bank account'],
  });
  expect((await say(freelancer, 'bank')).status, 'one after the other').toBe(409);
  expect((await say(freelancer, 'person')).status).toBe(201);
  expect((await say(freelancer, 'person')).status, 'said twice it is said once').toBe(201);
  expect(await accountOf(freelancer), 'left half way it is still being set up').toMatchObject({
    ...{ status: 'onboarding', requirements: ['Your bank account'] },
  });
  await freelancer.must(wallet.setPayoutSchedule, { body: { schedule: 'weekly' } });
  expect(await accountOf(freelancer), 'a schedule finishes nothing').toMatchObject({ status: 'onboarding' });
  const asked = { amountMinor: 100, currency: 'EUR' as const, commandId: newId() };
  expect((await freelancer.call(wallet.requestPayout, { body: asked })).status).toBe(409);
  expect(await transfersOf(milestoneId)).toEqual([]);

  expect((await m.beginPayouts(freelancer)).url, 'the same form, where he left it').toBe(url);
  expect((await say(freelancer, 'bank')).body).toMatchObject({
    payoutAccount: { status: 'active', schedule: 'weekly', requirements: [] },
  });
  await m.settled(deal, milestoneId, 'released');
  expect(await transfersOf(milestoneId)).toEqual([90_000]);
  expect(new URL((await m.beginPayouts(freelancer)).url).pathname, 'there is nothing left to fill in').toBe(
    '/payments/payouts',
  );
});

test('J04 L6 a part of a release waits as well, and the form of one person is nobody else’s', async () => {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId } = await m.fund(deal);
  await m.release(deal, milestoneId, 30_000);
  await until(async () =>
    expect(await m.look(deal, milestoneId)).toMatchObject({
      status: 'funded',
      hold: { heldMinor: 70_000, releasingMinor: 30_000 },
      waiting: { reason: 'payout_onboarding' },
    }),
  );
  const other = await signUp(app, 'freelancer');
  await m.verify(app, other);
  await m.setUpPayouts(other);
  expect(await accountOf(deal.freelancer)).toMatchObject({ status: 'onboarding' });
  await m.setUpPayouts(deal.freelancer);
  expect((await m.settled(deal, milestoneId)).hold).toMatchObject({ releasedMinor: 30_000, paidMinor: 27_000 });
});

test('J04 I11 test money pays whoever has not begun: a trial needs no form, and the account it opened is his', async () => {
  const deal = await m.meet(app);
  const { milestoneId } = await m.fund(deal);
  await m.approve(deal, milestoneId, await m.submit(deal, milestoneId));
  await m.settled(deal, milestoneId, 'released');
  expect(await transfersOf(milestoneId)).toEqual([90_000]);
  expect(await m.factTypes(deal)).not.toContain('milestone.waiting');
  expect(await accountOf(deal.freelancer)).toMatchObject({ status: 'active', requirements: [] });
  await m.expectSoundBooks(app);
});

test('J04 J02 test money pays out as often as was chosen, by the product’s clock, and nothing of whoever has not chosen', async () => {
  const [deal, other] = [await m.meet(app), await m.meet(app)];
  for (const it of [deal, other]) {
    const { milestoneId } = await m.fund(it);
    await m.release(it, milestoneId, 30_000);
    await m.settled(it, milestoneId);
  }
  const { freelancer } = deal;
  expect(await accountOf(freelancer)).toMatchObject({ schedule: 'manual' });
  await freelancer.must(wallet.setPayoutSchedule, { body: { schedule: 'weekly' } });
  const later = (days: number) => freelancer.must(advanceClock, { body: { advanceSeconds: days * 86_400 } });
  const payoutsOf = async (person: Person) => (await person.must(wallet.listPayouts)).items;
  const asked = { amountMinor: 7_000, currency: 'EUR' as const, commandId: newId() };
  await later(6);
  await freelancer.must(wallet.requestPayout, { body: asked });
  await until(async () => expect(await payoutsOf(freelancer)).toMatchObject([{ status: 'paid', amountMinor: 7_000 }]));
  await later(2);
  const [left, byHand] = [{ status: 'paid', amountMinor: 20_000 }, { amountMinor: 7_000 }];
  await until(async () => expect(await payoutsOf(freelancer), 'what is left, once').toMatchObject([left, byHand]));
  const late = { ...asked, commandId: newId() };
  expect((await freelancer.call(wallet.requestPayout, { body: late })).status, 'it is gone').toBe(409);
  await later(15);
  expect(await payoutsOf(freelancer), 'of nothing there is no payout').toHaveLength(2);
  expect(await payoutsOf(other.freelancer)).toEqual([]);
  await m.expectSoundBooks(app);
});

test('J16 on every device of its owner a payout is there when it is asked for, by hand or by schedule', async () => {
  const deal = await m.makeDeal(app);
  const { freelancer } = deal;
  const { milestoneId } = await m.fund(deal, 30_000);
  await m.release(deal, milestoneId, 30_000);
  await m.settled(deal, milestoneId, 'released');
  const device = await freelancer.socket();
  const heard: { readonly status: string; readonly amountMinor: number }[] = [];
  device.on('room.events', ({ events }) => {
    for (const event of events) if (event.type === 'payout.requested') heard.push(event.data);
  });
  const { headSeq } = await freelancer.must(getRoom, { params: { roomId: freelancer.inboxRoomId } });
  await device.emitWithAck('room.join', { roomId: freelancer.inboxRoomId, after: headSeq });
  const body = { amountMinor: 7_000, currency: 'EUR', commandId: newId() } as const;
  const [first] = [
    await freelancer.must(wallet.requestPayout, { body }),
    await freelancer.must(wallet.requestPayout, { body }),
  ];
  const byHand = { id: first.payout.id, status: 'pending', amountMinor: 7_000 };
  await until(async () => expect(heard, 'asked for twice it is one').toMatchObject([byHand]));
  const next = async () => (await freelancer.must(wallet.getWallet)).nextPayoutAt;
  const inDays = (now: string, days: number) => new Date(now).getTime() + days * 86_400_000;
  expect(await next(), 'UX 32 by hand nothing leaves by itself').toBeNull();
  await freelancer.must(wallet.setPayoutSchedule, { body: { schedule: 'weekly' } });
  const { now } = await freelancer.must(advanceClock, { body: { advanceSeconds: 0 } });
  const told = new Date((await next()) ?? 0).getTime();
  expect(Math.abs(told - inDays(now, 7)), 'UX 32 to the minute').toBeLessThan(60_000);
  await freelancer.must(advanceClock, { body: { advanceSeconds: 8 * 86_400 } });
  await until(async () => expect(new Date((await next()) ?? 0).getTime()).toBe(told + 7 * 86_400_000));
  await until(async () => expect(heard).toMatchObject([byHand, { status: 'pending', amountMinor: 20_000 }]));
});

test('J04 J15 a schedule pays out nothing of what is owed, by no other door than a payout by hand', async () => {
  const deal = await m.meet(app);
  const { freelancer } = deal;
  const lost = await m.fund(deal, 10_000);
  await m.release(deal, lost.milestoneId, 10_000);
  await m.settled(deal, lost.milestoneId, 'released');
  await freelancer.must(wallet.requestPayout, { body: { amountMinor: 9_000, currency: 'EUR', commandId: newId() } });
  await until(async () =>
    expect((await freelancer.must(wallet.listPayouts)).items).toMatchObject([{ status: 'paid' }]),
  );
  await m.drive(deal, lost.paymentId, 'chargeback');
  await m.drive(deal, lost.paymentId, 'chargeback_lost');
  await freelancer.must(wallet.setPayoutSchedule, { body: { schedule: 'daily' } });
  const next = await m.fund(deal, 5_000);
  await m.release(deal, next.milestoneId, 5_000);
  await m.settled(deal, next.milestoneId, 'released');
  await freelancer.must(advanceClock, { body: { advanceSeconds: 2 * 86_400 } });
  const more = await m.fund(deal, 20_000);
  await m.release(deal, more.milestoneId, 20_000);
  await m.settled(deal, more.milestoneId, 'released');
  await until(async () => {
    const { balances } = await freelancer.must(wallet.getWallet);
    expect(balances[0]?.earning, 'taken back before anything leaves').toMatchObject({ owedMinor: 0 });
  });
  await freelancer.must(advanceClock, { body: { advanceSeconds: 2 * 86_400 } });
  // 45.00 and 180.00 came, 90.00 were owed.
  await until(async () =>
    expect((await freelancer.must(wallet.listPayouts)).items.map(({ amountMinor }) => amountMinor)).toEqual([
      13_500, 9_000,
    ]),
  );
  await m.expectSoundBooks(app);
});
