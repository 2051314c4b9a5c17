import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { detailsSums, endingSums, movedSums, nothingTaken, restSum, type Sum } from './sums.ts';
import type { Side } from './side.ts';

const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
const by = (side: Side) => ({ side, terms, name: 'Bo' });
const nothing = {
  ...{ fundedMinor: 30_000, heldMinor: 0, frozenMinor: 0, releasingMinor: 0, refundingMinor: 0, releasedMinor: 0 },
  ...{ refundedMinor: 0, chargedBackMinor: 0, platformFeeMinor: 0, serviceFeeMinor: 1_085, paidMinor: 0, owedMinor: 0 },
  ...{ recoveredMinor: 0, creditMinor: 0, atRiskMinor: 0, currency: 'EUR', fundedAt: '2026-12-03T12:00:00.000Z' },
};
const quote = { platformFeeMinor: 3_000, serviceFeeMinor: 1_085, clientPaysMinor: 31_085, freelancerGetsMinor: 27_000 };
/** 300.00 that is paid for. */
const milestone = (hold: Partial<typeof nothing>, change: Partial<Milestone> = {}) =>
  ({
    ...{ amountMinor: 30_000, currency: 'EUR', status: 'started', clocks: [], quote, hold: { ...nothing, ...hold } },
    ...change,
  }) as unknown as Milestone;
const said = (sums: readonly Sum[]) => sums.map(({ label, minor }) => [label, minor]);

test.each([
  ['nothing has moved', { heldMinor: 30_000 }, 25_000, 2_500],
  ['a part was given back', { heldMinor: 20_000, refundedMinor: 10_000 }, 15_000, 1_500],
  ['a part was released', { heldMinor: 20_000, releasedMinor: 10_000, platformFeeMinor: 1_000 }, 15_000, 1_500],
] as const)(
  'X18 UX 33 a lower amount says before anybody agrees what stays held and what of it would come: %s',
  (_, hold, held, fee) => {
    expect(said(movedSums(milestone(hold), 25_000, by('freelancer')))).toEqual([
      ['Stays held', held],
      ['Platform fee', -fee],
      ['You get after the platform fee', held - fee],
    ]);
    expect(said(movedSums(milestone(hold), 25_000, by('client'))).at(-1)).toEqual([
      'Bo gets after the platform fee',
      held - fee,
    ]);
  },
);

test('X22 J15 UX 33 what stays held when a part is moved is what is frozen as well, and it says so', () => {
  const rest = (frozenMinor: number) => restSum(milestone({ heldMinor: 103_456, frozenMinor }).hold, 3_456, 'EUR');
  expect(rest(0)).toEqual({ label: 'Stays held', minor: 100_000, hint: undefined });
  expect(rest(3_456)).toEqual({
    ...{ label: 'Stays held', minor: 103_456, hint: '€34.56 of it frozen by a chargeback' },
  });
});

test('X18 UX 33 a higher amount says what would be held with it, and an amount that stays says nothing', () => {
  const part = milestone({ heldMinor: 20_000, refundedMinor: 10_000 });
  expect(said(movedSums(part, 35_000, by('client')))).toEqual([
    ['Held then', 25_000],
    ['Platform fee', -2_500],
    ['Bo gets after the platform fee', 22_500],
  ]);
  expect(movedSums(part, 30_000, by('client'))).toEqual([]);
  expect(said(movedSums(part, 10_000, by('client'))), 'all of it goes back').toEqual([['Stays held', 0]]);
});

test('I13 UX 16 before a milestone is ended both read what goes back and what stays with the freelancer', () => {
  const part = milestone({ heldMinor: 20_000, releasedMinor: 5_000, releasingMinor: 5_000, platformFeeMinor: 1_000 });
  const ending = { refundMinor: 20_000, keptFeeMinor: 1_085 };
  expect(said(endingSums(part, ending, 'client'))).toEqual([
    ['Goes back to you', 20_000],
    ['Stays with the freelancer', 9_000],
    ['Service fee, borne by you', 1_085],
  ]);
  const mine = endingSums(part, ending, 'freelancer');
  expect(said(mine)).toEqual([
    ['Goes back to the client', 20_000],
    ['Stays with you', 9_000],
  ]);
  expect(mine[0]?.hint, 'what he paid on top is named to him alone').toBe(
    'The client’s service fee does not come back.',
  );
  expect(endingSums(part, ending, 'client')[0]?.hint).toBeUndefined();
  expect(endingSums(part, { ...ending, keptFeeMinor: 0 }, 'freelancer')[0]?.hint).toBeUndefined();
  expect(mine[1]?.hint).toBe('The €100.00 that was released, less the platform fee of €10.00.');
  const lost = milestone({ heldMinor: 20_000, releasedMinor: 10_000, platformFeeMinor: 1_000, owedMinor: 9_000 });
  for (const it of [lost, milestone({ heldMinor: 30_000 })])
    expect(said(endingSums(it, ending, 'freelancer')), 'nothing stays').toHaveLength(1);
});

test('J09 a refund that did not arrive is in no sum of what went back', () => {
  const returned = milestone({ heldMinor: 20_000, refundedMinor: 10_000, creditMinor: 2_345 }, { status: 'refunded' });
  for (const [side, whom] of [
    ['client', 'you'],
    ['freelancer', 'the client'],
  ] as const) {
    const sums = said(detailsSums(returned, by(side), nothingTaken));
    expect(sums).toContainEqual([`Went back to ${whom}`, 7_655]);
    expect(sums).toContainEqual(['Refund that did not arrive', 2_345]);
  }
  const all = milestone({ refundedMinor: 2_345, creditMinor: 2_345 }, { status: 'refunded' });
  expect(JSON.stringify(detailsSums(all, by('client'), nothingTaken))).not.toContain('Went back');
});

test.each([
  ['held', { chargedBackMinor: 30_000 }],
  ['released', { releasedMinor: 30_000, platformFeeMinor: 3_000, paidMinor: 27_000, recoveredMinor: 27_000 }],
] as const)('J15 who paid reads what his bank took back of what was %s, and not that its fee stays', (_, hold) => {
  const lost = milestone(hold, { status: 'refunded' });
  const sums = detailsSums(lost, by('client'), { takenBackMinor: 31_085, coveredMinor: 0 });
  expect(said(sums)).toContainEqual(['Taken back by your bank', 31_085]);
  expect(JSON.stringify(sums)).not.toContain('does not come back');
  expect(said(sums).filter(([label]) => label === 'Taken back by the bank')).toEqual([]);
  const theirs = JSON.stringify(detailsSums(lost, by('freelancer'), nothingTaken));
  expect(theirs.includes('Taken back by the bank'), 'what was held').toBe('chargedBackMinor' in hold);
});

test('J15 UX 33 while a bank has a payment back, what is held is counted as in the wallet, and its fee is not said to stay', () => {
  const clocks = [{ kind: 'evidence' }] as unknown as Milestone['clocks'];
  const open = milestone({ heldMinor: 7_699, frozenMinor: 22_301 }, { clocks });
  const sums = detailsSums(open, by('client'), nothingTaken);
  expect(sums.find(({ label }) => label === 'Held')).toEqual({
    ...{ label: 'Held', minor: 30_000, hint: '€223.01 of it frozen by a chargeback' },
  });
  expect(said(sums).filter(([label]) => label === 'Frozen')).toEqual([]);
  const fee = sums.find(({ label }) => label === 'Service fee');
  expect(fee?.hint).toBe(
    'The part of it that belongs to the disputed payment is back with your bank until the bank has decided.',
  );
  const released = { releasedMinor: 30_000, platformFeeMinor: 3_000, paidMinor: 27_000, atRiskMinor: 27_000 };
  expect(JSON.stringify(detailsSums(milestone(released, { clocks }), by('client'), nothingTaken))).not.toContain(
    'does not come back',
  );
  expect(JSON.stringify(detailsSums(milestone({ heldMinor: 30_000 }), by('client'), nothingTaken))).toContain(
    'does not come back',
  );
});

test('J15 what a lost chargeback leaves the freelancer owing is owed to the platform, and says so to each', () => {
  const lost = milestone(
    { releasedMinor: 30_000, platformFeeMinor: 3_000, paidMinor: 27_000, owedMinor: 27_000 },
    { status: 'released' },
  );
  expect(said(detailsSums(lost, by('client'), nothingTaken))).toContainEqual([
    'Owed to the platform by the freelancer',
    27_000,
  ]);
  expect(said(detailsSums(lost, by('freelancer'), nothingTaken))).toContainEqual([
    'Owed by you to the platform',
    27_000,
  ]);
});

test('J09 J15 what a bank brought instead of a refund that did not arrive went back once: it is in what the bank took', () => {
  const hold = { refundedMinor: 10_000, creditMinor: 5_765, chargedBackMinor: 20_000 };
  const lost = milestone(hold, { status: 'refunded' });
  const sums = said(detailsSums(lost, by('client'), { takenBackMinor: 24_235, coveredMinor: 4_235 }));
  expect(sums).toContainEqual(['Taken back by your bank', 24_235]);
  expect(sums).toContainEqual(['Refund that did not arrive', 5_765]);
  expect(sums.filter(([label]) => String(label).startsWith('Went back'))).toEqual([]);
  const theirs = said(detailsSums(lost, by('freelancer'), nothingTaken));
  expect(theirs, 'of what was held').toContainEqual(['Went back to the client', 4_235]);
});

test('J15 until it is read what his bank brought him, who paid reads nothing of what depends on it', () => {
  const hold = { refundedMinor: 10_000, creditMinor: 5_765, chargedBackMinor: 20_000, heldMinor: 1_000 };
  const lost = milestone(hold, { status: 'refunded' });
  const unread = detailsSums(lost, by('client'), null);
  expect(said(unread)).toEqual([
    ['Funded', 30_000],
    ['Service fee', 1_085],
    ['Held', 1_000],
    ['Refund that did not arrive', 5_765],
  ]);
  expect(unread[1]?.hint, 'nor whether his fee stays').toBeUndefined();
  for (const side of ['freelancer', 'watcher'] as const)
    expect(detailsSums(lost, by(side), null), 'it is nobody else’s').toEqual(detailsSums(lost, by(side), nothingTaken));
});

test('UX 32 from the payment on the details say what of what is held would reach the freelancer', () => {
  const part = milestone({ heldMinor: 20_000, refundedMinor: 10_000 });
  const mine = detailsSums(part, by('freelancer'), nothingTaken).at(-1);
  expect(mine).toMatchObject({ label: 'You get', minor: 18_000, isTotal: true });
  expect(mine?.hint).toBe('Of what is held, less the platform fee of €20.00.');
  expect(detailsSums(part, by('client'), nothingTaken).at(-1)).toMatchObject({
    label: 'Freelancer gets',
    minor: 18_000,
  });
  for (const status of ['approved', 'refunded', 'cancelled', 'disputed'] as const)
    expect(said(detailsSums({ ...part, status }, by('freelancer'), nothingTaken)), status).not.toContainEqual([
      'You get',
      18_000,
    ]);
});
