import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { Person, TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const toldOf = async (person: Person, kind: string) =>
  (await person.must(listNotifications)).items.filter((it) => it.kind === kind).map(({ amountMinor }) => amountMinor);
/** What both sides were told so far of what has arrived, the newest first. */
const told = async ({ client, freelancer }: m.Deal) => [
  await toldOf(client, 'milestone.paid'),
  await toldOf(freelancer, 'milestone.released'),
];
const states = async (milestoneId: string) => {
  const rows = await app.sql<{ state: string }>(
    `select o.state from money_operations o join holds h on h.id = o.hold_id
     where h.milestone_id = $1 and o.kind = 'transfer' order by o.seq`,
    [milestoneId],
  );
  return rows.map(({ state }) => state);
};
const become = (milestoneId: string, ...expected: string[]) =>
  vi.waitFor(async () => expect(await states(milestoneId)).toEqual(expected), 20_000);

/** The turn of the second part of the release comes later; nobody is at it now. */
const putOff = (milestoneId: string, state: 'queued' | 'waiting') =>
  vi.waitFor(async () => {
    const rows = await app.sql(
      `update money_operations o set state = $2, waiting_reason = null, next_at = product_now() + interval '1 day'
       from holds h where h.id = o.hold_id and h.milestone_id = $1 and o.kind = 'transfer' and o.seq = 2
         and o.state = 'waiting' returning 1 as one`,
      [milestoneId, state],
    );
    expect(rows).toHaveLength(1);
  }, 20_000);
const takeUp = (milestoneId: string) =>
  app.sql(
    `update money_operations o set next_at = product_now() from holds h
     where h.id = o.hold_id and h.milestone_id = $1 and o.state in ('queued', 'waiting')`,
    [milestoneId],
  );

/** A release of 1,000.00 and of 300.00 that were paid later: the first has arrived, the second is as it says. */
async function halfArrived(state: 'queued' | 'waiting') {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId } = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 130_000);
  const accepted = { params: { milestoneId, hash }, body: { commandId: newId() } };
  await deal.client.must(calls.acceptProposal, accepted);
  const { id: secondId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, secondId, 'succeed');
  expect((await m.release(deal, milestoneId, 130_000)).status).toBe(201);
  await become(milestoneId, 'waiting', 'waiting');
  await putOff(milestoneId, state);
  await m.setUpPayouts(deal.freelancer);
  await become(milestoneId, 'succeeded', state);
  return { deal, milestoneId, secondId };
}

test('X18 J15 a part that has arrived is told once a chargeback stops the rest of its release, and the rest by itself', async () => {
  const { deal, milestoneId, secondId } = await halfArrived('queued');
  expect(await told(deal), 'the rest arrives in a moment').toEqual([[], []]);
  await m.drive(deal, secondId, 'chargeback');
  expect(await states(milestoneId)).toEqual(['succeeded', 'frozen']);
  expect(await told(deal)).toEqual([[100_000], [90_000]]);
  await m.drive(deal, secondId, 'chargeback_won');
  await takeUp(milestoneId);
  await m.settled(deal, milestoneId, 'released');
  expect(await told(deal)).toEqual([
    [30_000, 100_000],
    [27_000, 90_000],
  ]);
});

test('X18 J15 a part that has arrived is told once, also where the rest of its release never leaves', async () => {
  const { deal, milestoneId, secondId } = await halfArrived('queued');
  await m.drive(deal, secondId, 'chargeback');
  await m.drive(deal, secondId, 'chargeback_lost');
  expect(await states(milestoneId)).toEqual(['succeeded', 'withheld']);
  expect(await told(deal)).toEqual([[100_000], [90_000]]);
});

test('X18 of a release whose second part waits long, each part is told by itself: no cent twice', async () => {
  const { deal, milestoneId } = await halfArrived('waiting');
  expect(await told(deal)).toEqual([[100_000], [90_000]]);
  await takeUp(milestoneId);
  await m.settled(deal, milestoneId, 'released');
  expect(await told(deal)).toEqual([
    [30_000, 100_000],
    [27_000, 90_000],
  ]);
});

test('L13 X18 what is told late leads to the fact that it is told with: whoever has read the room up to it has read it', async () => {
  const { deal, secondId } = await halfArrived('queued');
  await m.drive(deal, secondId, 'chargeback');
  const { items } = await deal.client.must(listNotifications);
  const [paid, opened] = ['milestone.paid', 'chargeback.opened'].map((kind) => items.find((it) => it.kind === kind));
  expect(paid?.seq).toBe(opened?.seq);
});

test('J15 N02 what is taken back by several transfers is told once, as one sum', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  for (const part of [50_000, 50_000]) {
    expect((await m.release(deal, milestoneId, part)).status).toBe(201);
    await m.settled(deal, milestoneId);
  }
  await m.drive(deal, paymentId, 'chargeback');
  await m.drive(deal, paymentId, 'chargeback_lost');
  await vi.waitFor(
    async () => expect((await m.look(deal, milestoneId)).hold).toMatchObject({ owedMinor: 0, recoveredMinor: 90_000 }),
    20_000,
  );
  const facts = (await m.factsOf(deal)).filter(({ type }) => type === 'chargeback.recovered');
  expect(facts, 'each is a fact and a booking').toHaveLength(2);
  await vi.waitFor(async () => expect(await toldOf(deal.freelancer, 'chargeback.recovered')).toEqual([90_000]), 20_000);
  expect(await toldOf(deal.client, 'chargeback.recovered')).toEqual([90_000]);
});
