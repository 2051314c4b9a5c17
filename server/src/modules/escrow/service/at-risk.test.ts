import type { Chargeback } from '@safesend/shared/escrow/hold.ts';
import { getWallet } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

/** What the room was told last of a chargeback. */
async function newestChargeback({ client, roomId }: m.Deal): Promise<Chargeback> {
  const response = await fetch(`${client.base}/api/v1/rooms/${roomId}/events?after=0&limit=200`, {
    headers: { cookie: client.cookie },
  });
  const { events } = (await response.json()) as { events: { type: string; data: { chargeback?: Chargeback } }[] };
  const told = events.findLast(({ data }) => data.chargeback !== undefined)?.data.chargeback;
  if (!told) throw new Error('nothing was told of a chargeback');
  return told;
}

interface Before {
  readonly releasedMinor?: number;
  readonly refundedMinor?: number;
}

/** 1,000.00 and 300.00 that came with two payments, of which the bank takes the second back. */
async function chargedBack(deal: m.Deal, { releasedMinor = 0, refundedMinor = 0 }: Before) {
  const { milestoneId } = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'succeed');
  // The first payment is released first, the last one is given back first.
  if (refundedMinor > 0) expect((await m.refund(deal, milestoneId, refundedMinor)).status).toBe(201);
  if (releasedMinor > 0) expect((await m.release(deal, milestoneId, releasedMinor)).status).toBe(201);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'chargeback');
  return { milestoneId, paymentId };
}

test.each([
  ['nothing was released of this payment', { releasedMinor: 60_000 }, 0],
  ['nothing, and a part was given back', { releasedMinor: 60_000, refundedMinor: 20_000 }, 0],
  ['a part was released', { releasedMinor: 110_000 }, 9_000],
  ['a part was released, another given back', { releasedMinor: 110_000, refundedMinor: 15_000 }, 9_000],
  ['all of it was released', { releasedMinor: 130_000 }, 27_000],
])('J15 X22 no more may be taken back than reached the freelancer of that payment: %s', async (_what, before, risk) => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await chargedBack(deal, before);
  expect(await newestChargeback(deal)).toMatchObject({ status: 'open', riskMinor: risk });
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ atRiskMinor: risk, owedMinor: 0 });
  const earning = async () => (await deal.freelancer.must(getWallet)).balances[0]?.earning;
  expect(await earning(), 'the wallet says the same').toMatchObject({ atRiskMinor: risk });
  await m.drive(deal, paymentId, 'chargeback_lost');
  expect(await newestChargeback(deal), 'and that is taken').toMatchObject({
    ...{ status: 'lost', riskMinor: 0, owedMinor: risk },
  });
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ atRiskMinor: 0 });
});

test('J15 X22 what may be taken back of one payment is released by the bank’s word, won as well', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await chargedBack(deal, { releasedMinor: 130_000 });
  await m.drive(deal, paymentId, 'chargeback_won');
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ atRiskMinor: 0, owedMinor: 0, paidMinor: 117_000 });
});

test('J15 I05 of a chargeback who paid is told what his bank says, the freelancer what of it was held for the work', async () => {
  const deal = await m.makeDeal(app);
  const { paymentId } = await m.fund(deal);
  const told = async (side: 'client' | 'freelancer', kind: string) =>
    (await deal[side].must(listNotifications)).items.flatMap((it) => (it.kind === kind ? [it.amountMinor] : []));
  for (const [outcome, kind] of [
    ['chargeback', 'chargeback.opened'],
    ['chargeback_lost', 'chargeback.lost'],
  ] as const) {
    await m.drive(deal, paymentId, outcome);
    expect(await newestChargeback(deal)).toMatchObject({ amountMinor: 103_535, shareMinor: 100_000 });
    expect([await told('client', kind), await told('freelancer', kind)]).toEqual([[103_535], [100_000]]);
  }
});

test('J15 J09 I05 of a chargeback of what had gone back to the client before, the freelancer is told no sum', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  expect((await m.refund(deal, milestoneId, 100_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'chargeback');
  expect(await newestChargeback(deal)).toMatchObject({ shareMinor: 0, frozenMinor: 0 });
  const told = async (side: 'client' | 'freelancer') =>
    (await deal[side].must(listNotifications)).items.find((it) => it.kind === 'chargeback.opened');
  expect((await told('client'))?.amountMinor).toBeGreaterThan(0);
  expect(await told('freelancer')).toMatchObject({ amountMinor: null });
});
