import { getPayoutAccount, openPayoutOnboarding } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { look, makeDeal, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { becomes, paid, paying, startWithStripe, unsaid, until } from './product.ts';
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
