import { getPayoutAccount, openPayoutOnboarding } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { look, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { becomes, paid, paying, startWithStripe, unsaid, until } from './product.ts';
import { onStage } from './stage.ts';

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
