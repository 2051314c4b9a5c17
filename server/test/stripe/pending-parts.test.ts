import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { getRoom, markRead } from '@safesend/shared/rooms/calls.ts';
import { expect, test } from 'vitest';
import { send, type Person, type TestApp } from '../harness.ts';
import { factsOf, look, proposeAmount, refund, type Deal } from '../money.ts';
import { migrate } from '../../src/kernel/database.ts';
import type { StripeDouble } from './double.ts';
import { intentOf, paid, payWith, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage), { isOnboarded: true });

/** 1,000.00, and 300.00 that both sides agreed on later. */
async function paidTwice(): Promise<string> {
  const { milestoneId } = await paid(double, deal);
  const { hash } = await proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  double.payments.succeed(await intentOf(double, await payWith(deal, milestoneId)));
  await until(async () => expect((await look(deal, milestoneId)).hold?.heldMinor).toBe(130_000));
  return milestoneId;
}
const states = (milestoneId: string) =>
  app.sql<{ state: string; amount: number }>(
    `select o.state, o.amount_minor::float8 as amount from money_operations o join holds h on h.id = o.hold_id
     where h.milestone_id = $1 and o.kind = 'refund' order by o.state desc`,
    [milestoneId],
  );
const told = async (person: Person) =>
  (await person.must(listNotifications)).items.filter(({ kind }) => kind === 'milestone.refunded');
async function readUp(person: Person): Promise<number> {
  const { headSeq } = await person.must(getRoom, { params: { roomId: deal.roomId } });
  await person.must(markRead, { params: { roomId: deal.roomId }, body: { seq: headSeq } });
  return headSeq;
}
const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });

test('X18 J15 a part that has arrived is told soon once its sister is taken up by the processor and decided later, and that one by itself', async () => {
  const milestoneId = await paidTwice();
  double.trouble('POST /v1/refunds', 'throttle');
  expect((await refund(deal, milestoneId, 50_000)).status).toBe(201);
  await until(async () =>
    expect((await states(milestoneId)).map(({ state }) => state)).toEqual(['unknown', 'succeeded']),
  );
  const [open, first] = await states(milestoneId);
  expect(await told(deal.client), 'the rest arrives in a moment').toEqual([]);
  const headSeq = await readUp(deal.freelancer);
  double.moves.refundStatus = 'pending';
  await later(31);
  await until(async () => expect((await states(milestoneId)).map(({ state }) => state)).toContain('pending'));
  double.moves.refundStatus = 'succeeded';
  await until(async () =>
    expect(await told(deal.client)).toMatchObject([{ amountMinor: first?.amount, readAt: null }]),
  );
  const arrived = (await factsOf(deal)).filter(({ type }) => type === 'milestone.refunded').at(-1);
  const [notification] = await told(deal.client);
  expect(notification, 'it leads to the part that arrived').toMatchObject({ seq: arrived?.seq, roomId: deal.roomId });
  expect(headSeq).toBeGreaterThanOrEqual(notification?.seq ?? Infinity);
  expect((await told(deal.freelancer))[0]?.readAt, 'read where it stands').not.toBeNull();
  const [given] = double.of('refund', { status: 'pending' });
  if (!given) throw new Error('no refund is pending');
  double.moves.finishRefund(given, 'succeeded');
  await until(async () =>
    expect((await told(deal.client)).map(({ amountMinor }) => amountMinor)).toEqual([open?.amount, first?.amount]),
  );
});

test('X18 J15 an update tells what the one before it counted as told while its sister waited, and nothing a second time', async () => {
  const whole = await paidTwice();
  expect((await refund(deal, whole, 50_000)).status).toBe(201);
  await until(async () => expect((await look(deal, whole)).hold?.refundedMinor).toBe(50_000));
  const milestoneId = await paidTwice();
  double.trouble('POST /v1/refunds', 'throttle');
  expect((await refund(deal, milestoneId, 50_000)).status).toBe(201);
  await until(async () =>
    expect((await states(milestoneId)).map(({ state }) => state)).toEqual(['unknown', 'succeeded']),
  );
  const first = (await states(milestoneId)).at(-1);
  const before = await told(deal.client);
  expect(before[0], 'the whole of the other').toMatchObject({ amountMinor: 50_000 });
  await app.sql(`update money_operations set told_at = settled_at where state = 'succeeded' and kind = 'refund'`);
  double.moves.refundStatus = 'pending';
  await later(31);
  await until(async () => expect((await states(milestoneId)).map(({ state }) => state)).toContain('pending'));
  double.moves.refundStatus = 'succeeded';
  await app.sql(`delete from migrations where name = '044_untold_arrivals'`);
  await app.sql('drop index money_operations_untold');
  await migrate(app.databaseUrl);
  await until(async () => expect(await told(deal.client)).toHaveLength(before.length + 1));
  expect((await told(deal.client))[0]).toMatchObject({ amountMinor: first?.amount });
  const [given] = double.of('refund', { status: 'pending' });
  if (given) double.moves.finishRefund(given, 'succeeded');
  await until(async () => expect((await look(deal, milestoneId)).hold?.refundedMinor).toBe(50_000));
  expect(await told(deal.client), 'each part once').toHaveLength(before.length + 2);
});
