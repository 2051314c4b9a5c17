import {
  getPayoutAccount,
  getWallet,
  listPayouts,
  openPayoutOnboarding,
  requestPayout,
} from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { look, makeDeal, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { becomes, booksOf, onboard, paid, paying, sayAgain, startWithStripe, unsaid, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage));

test('J13 J15 what Stripe never told of is asked for: its fee, a chargeback, and that payouts are ready', async () => {
  const late = await paying(double, deal);
  const said = await unsaid(double, () => double.payments.succeed(late.intent));
  const charge = double.things.get(late.intent['latest_charge'], 'charge');
  const { balance_transaction: booked } = charge;
  charge['balance_transaction'] = null;
  for (const event of said.filter(({ type }) => type === 'payment_intent.succeeded'))
    expect(await double.webhooks.deliver(event)).toBe(200);
  await becomes(deal, late.milestoneId, 'funded');
  const fees = () =>
    app.sql(`select 1 from ledger_transactions where object_id = $1 and kind = 'processor_fee'`, [charge.id]);
  expect(await fees(), 'it is not known yet').toEqual([]);
  const disputed = await paid(double, deal);
  await deal.freelancer.must(openPayoutOnboarding, { body: { country: 'DE', commandId: newId() } });
  await release(deal, late.milestoneId, 100_000);
  await until(async () =>
    expect((await look(deal, late.milestoneId)).waiting).toMatchObject({ reason: 'payout_onboarding' }),
  );
  await unsaid(double, () => {
    charge['balance_transaction'] = booked;
    double.payments.openDispute(disputed.intent);
    const [account] = double.of('v2.core.account');
    if (account) double.moves.setAccount(account, 'active');
  });
  // Every process asks when it starts, and then at its own pace.
  const another = await startWithStripe(double, { databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  try {
    await until(async () => expect(await fees()).toHaveLength(1));
    await becomes(deal, disputed.milestoneId, 'disputed');
    await settled(deal, late.milestoneId, 'released');
    expect((await deal.freelancer.must(getPayoutAccount)).payoutAccount.status).toBe('active');
  } finally {
    await another.close();
  }
});

/** Said in the version of an endpoint that nobody has renewed: heard, and never applied. */
async function saidInAnotherVersion(happen: () => void): Promise<void> {
  for (const event of await unsaid(double, happen)) {
    const body = JSON.stringify({ ...(JSON.parse(event.body) as object), api_version: '2025-01-01.old' });
    expect(await double.webhooks.deliver({ ...event, body })).toBe(200);
  }
}
/** Until `look` finds what it looks for; every process makes each round when it starts. */
async function afterEveryRound(look: () => Promise<void>): Promise<void> {
  const another = await startWithStripe(double, { databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  try {
    await until(look);
  } finally {
    await another.close();
  }
}
const age = (thing: Thing, days: number) => (thing.created -= days * 86_400);

test('J15 how a bank decided weeks later is asked of every chargeback that is open, also where its news was not understood', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const dispute = double.payments.openDispute(intent);
  await becomes(deal, milestoneId, 'disputed');
  age(dispute, 30);
  await saidInAnotherVersion(() => double.payments.closeDispute(dispute, 'won'));
  await afterEveryRound(async () =>
    expect((await look(deal, milestoneId)).hold).toMatchObject({ frozenMinor: 0, heldMinor: 100_000 }),
  );
});

test('J15 what a chargeback costs is booked when it is named, once', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const fees = async () => {
    const booked = (await booksOf(app, milestoneId)) as { account: string; amount: number }[];
    return booked.filter(({ account }) => account === 'dispute_fee').map(({ amount }) => amount);
  };
  let dispute: Thing | undefined;
  await unsaid(double, () => (dispute = double.payments.openDispute(intent)));
  if (!dispute) throw new Error('no dispute');
  const { balance_transactions: named } = dispute;
  dispute['balance_transactions'] = [];
  await sayAgain(double, app, 'charge.dispute.created', dispute);
  expect(await fees()).toEqual([]);
  dispute['balance_transactions'] = named;
  for (let time = 0; time < 2; time++) {
    await sayAgain(double, app, 'charge.dispute.funds_withdrawn', dispute);
    expect(await fees()).toEqual([1_500]);
  }
  double.payments.closeDispute(dispute, 'lost');
  await becomes(deal, milestoneId, 'refunded');
  expect(await fees()).toEqual([1_500]);
});

test('J09 J13 a refund that fails days after it had succeeded is the client’s credit, also where its news was not understood', async () => {
  const own = await makeDeal(app);
  const { milestoneId, intent } = await paid(double, own);
  expect((await refund(own, milestoneId, 100_000)).status).toBe(201);
  await settled(own, milestoneId, 'refunded');
  const [given] = double.of('refund', { payment_intent: intent.id });
  if (!given) throw new Error('no refund');
  age(given, 10);
  await app.sql(`update money_operations set settled_at = settled_at - interval '10 days' where object_id = $1`, [
    given.id,
  ]);
  await saidInAnotherVersion(() => double.moves.finishRefund(given, 'failed'));
  await afterEveryRound(async () =>
    expect(await look(own, milestoneId)).toMatchObject({
      hold: { creditMinor: 100_000 },
      waiting: { reason: 'refund_returned' },
    }),
  );
});

/** Somebody to whom 900.00 were released. */
async function earner() {
  const own = await makeDeal(app);
  const accountId = await onboard(double, app, own.freelancer);
  const { milestoneId } = await paid(double, own);
  expect((await release(own, milestoneId, 100_000)).status).toBe(201);
  await settled(own, milestoneId, 'released');
  const available = async () => (await own.freelancer.must(getWallet)).balances[0]?.earning.availableMinor;
  expect(await available()).toBe(90_000);
  return { freelancer: own.freelancer, accountId, available };
}

const befalls: Readonly<Record<string, (accountId: string) => void>> = {
  'nothing else happens': () => undefined,
  'its account is restricted by then': (id) => double.moves.setAccount(accountOf(id), 'restricted'),
  'another account is in its place by then': (id) => void (accountOf(id)['closed'] = true),
};
const accountOf = (id: string) => double.things.get(id, 'v2.core.account');

test.each(Object.keys(befalls))(
  'J16 J13 a payout that the bank sends back after it was paid is found where nobody heard of it, and %s: it is available again',
  async (what) => {
    const { freelancer, accountId, available } = await earner();
    await freelancer.must(requestPayout, { body: { amountMinor: 90_000, currency: 'EUR', commandId: newId() } });
    const [payout] = await until(() => {
      const made = double.of('payout', { account: accountId });
      expect(made).toHaveLength(1);
      return made;
    });
    if (!payout) throw new Error('no payout');
    const statusIs = async (status: string) =>
      expect((await freelancer.must(listPayouts)).items).toMatchObject([{ status, amountMinor: 90_000 }]);
    double.moves.finishPayout(payout, 'paid');
    await until(() => statusIs('paid'));
    befalls[what]?.(accountId);
    if (what.includes('restricted'))
      await until(async () =>
        expect((await freelancer.must(getPayoutAccount)).payoutAccount.status).toBe('restricted'),
      );
    if (accountOf(accountId)['closed'] === true)
      await freelancer.must(openPayoutOnboarding, { body: { commandId: newId() } });
    await unsaid(double, () => double.moves.finishPayout(payout, 'failed'));
    await afterEveryRound(() => statusIs('failed'));
    expect(await available()).toBe(90_000);
  },
);

test('J16 J13 a payout of the schedule that nobody heard of is in the wallet and among the payouts, once', async () => {
  const { freelancer, accountId, available } = await earner();
  await unsaid(double, () => {
    const payout = double.moves.payout(accountId, { amount: 90_000, currency: 'eur', metadata: {} });
    double.moves.finishPayout(payout, 'paid');
  });
  for (let round = 0; round < 2; round++)
    await afterEveryRound(async () =>
      expect((await freelancer.must(listPayouts)).items).toMatchObject([{ status: 'paid', amountMinor: 90_000 }]),
    );
  expect(await available()).toBe(0);
});
