import { getStatements, getWallet } from '@safesend/shared/escrow/calls.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { told } from '../../../../test/money-laws.ts';

let app: TestApp;
let deal: m.Deal;
beforeAll(async () => {
  app = await startTestApp();
  deal = await m.makeDeal(app);
});
afterAll(async () => {
  await m.expectSoundBooks(app);
  await app.close();
});

const ever = { from: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' };
const balanceOf = async (person: Person) => {
  const balance = (await person.must(getWallet)).balances[0];
  if (!balance) throw new Error('nothing is in the wallet');
  return balance;
};
const spendingOf = async () => (await balanceOf(deal.client)).spending;
const earningOf = async () => (await balanceOf(deal.freelancer)).earning;
const closingOf = async (person: Person) =>
  (await person.must(getStatements, { query: ever })).items[0]?.closingMinor ?? 0;

/** What both wallets show is what both statements close at. Payouts begin by themselves between two looks: it is asked again. */
async function expectToAddUp(moment: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const spending = await spendingOf();
      const { heldMinor, refundingMinor, spentMinor, creditMinor, undecidedMinor } = spending;
      const client = heldMinor + refundingMinor + spentMinor + creditMinor - undecidedMinor;
      expect(client, `client, ${moment}: ${JSON.stringify(spending)}`).toBe(-(await closingOf(deal.client)));
      const { pendingMinor, availableMinor } = await earningOf();
      expect(pendingMinor + availableMinor, `freelancer, ${moment}`).toBe(await closingOf(deal.freelancer));
    },
    { timeout: 5_000, interval: 100 },
  );
}

async function released(): Promise<m.Funded> {
  const it = await m.fund(deal);
  await m.release(deal, it.milestoneId, 100_000);
  await m.settled(deal, it.milestoneId, 'released');
  return it;
}

test('J05 J15 P05 the client’s wallet adds up with his statement through releases, refunds and every end of a chargeback', async () => {
  const bank = (it: m.Funded, outcome: m.Outcome) => m.drive(deal, it.paymentId, outcome);
  await released();
  const part = await m.fund(deal);
  await m.refund(deal, part.milestoneId, 20_000);
  await m.settled(deal, part.milestoneId);
  await expectToAddUp('a part given back');
  expect(await spendingOf()).toMatchObject({ spentMinor: 100_000 + 2 * 3_535, takenBackMinor: 0, undecidedMinor: 0 });

  const before = await m.fund(deal);
  await bank(before, 'chargeback');
  await expectToAddUp('a chargeback of what is held');
  expect(await spendingOf()).toMatchObject({
    ...{ heldMinor: 180_000, frozenMinor: 100_000 },
    ...{ spentMinor: 100_000 + 3 * 3_535, takenBackMinor: 103_535, undecidedMinor: 103_535 },
  });
  expect(await earningOf()).toMatchObject({ heldMinor: 180_000, frozenMinor: 100_000, atRiskMinor: 0 });
  await bank(before, 'chargeback_lost');
  await expectToAddUp('lost before the release');
  const borne = { spentMinor: 100_000 + 2 * 3_535, takenBackMinor: 103_535 };
  expect(await spendingOf(), 'nothing of it was spent').toMatchObject({
    ...borne,
    ...{ heldMinor: 80_000, frozenMinor: 0, undecidedMinor: 0 },
  });

  const after = await released();
  await bank(after, 'chargeback');
  await expectToAddUp('a chargeback of what was released');
  expect(await earningOf(), 'less the fee').toMatchObject({ heldMinor: 80_000, frozenMinor: 0, atRiskMinor: 90_000 });
  await bank(after, 'chargeback_lost');
  await expectToAddUp('lost after the release');
  await told(deal, 'chargeback.recovered', after.milestoneId);
  await expectToAddUp('taken from the freelancer');
  const taken = { ...borne, takenBackMinor: 2 * 103_535, undecidedMinor: 0 };
  expect(await spendingOf(), 'what was spent came back').toMatchObject(taken);
  expect(await earningOf()).toMatchObject({ atRiskMinor: 0, owedMinor: 0 });

  await bank(part, 'chargeback');
  await m.drive(deal, part.paymentId, 'chargeback_won');
  await expectToAddUp('won');
  expect(await spendingOf(), 'as if there had been none').toMatchObject({
    ...taken,
    heldMinor: 80_000,
    frozenMinor: 0,
  });

  await bank(part, 'refund_returned');
  await expectToAddUp('a refund sent back');
  const both = await m.fund(deal);
  await m.refund(deal, both.milestoneId, 20_000);
  await m.settled(deal, both.milestoneId);
  const { spentMinor = 0 } = (await spendingOf()) ?? {};
  for (const outcome of ['chargeback', 'chargeback_lost', 'refund_returned'] as const) await bank(both, outcome);
  await expectToAddUp('a refund sent back after a chargeback that was lost');
  expect(await spendingOf(), 'the fee stays spent').toMatchObject({ spentMinor });
  const credited = await m.fund(deal);
  await m.refund(deal, credited.milestoneId, 20_000);
  await m.settled(deal, credited.milestoneId);
  for (const outcome of ['refund_returned', 'chargeback', 'chargeback_lost'] as const) await bank(credited, outcome);
  await expectToAddUp('a chargeback that brought what had come back');
});

test('J15 of a milestone in parts, what is frozen and what may be taken back are named beside each other', async () => {
  deal = await m.makeDeal(app);
  const it = await m.fund(deal);
  await m.release(deal, it.milestoneId, 30_000);
  await m.settled(deal, it.milestoneId);
  await m.fund(deal, 50_000);
  await m.drive(deal, it.paymentId, 'chargeback');
  expect(await earningOf()).toMatchObject({
    ...{ heldMinor: 120_000, frozenMinor: 70_000, earnedMinor: 27_000, atRiskMinor: 27_000 },
  });
  expect(await spendingOf()).toMatchObject({ heldMinor: 120_000, frozenMinor: 70_000, undecidedMinor: 103_535 });
  await expectToAddUp('open');
  await m.drive(deal, it.paymentId, 'chargeback_won');
  expect(await earningOf()).toMatchObject({ heldMinor: 120_000, frozenMinor: 0, atRiskMinor: 0 });
  await expectToAddUp('won');
});
