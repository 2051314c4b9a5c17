import {
  listPayouts,
  openPayoutOnboarding,
  removePaymentMethod,
  requestPayout,
} from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { makeDeal, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, savedCard, startWithStripe, unsaid, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage));

/** Every process asks when it starts, and then at its own pace. */
async function whenAsked(look: () => Promise<void>): Promise<void> {
  const another = await startWithStripe(double, { databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  try {
    await until(look);
  } finally {
    await another.close();
  }
}
async function accountOf({ freelancer }: Deal): Promise<string> {
  const text = 'select account_id as id from payout_accounts where user_id = $1';
  return (await app.sql<{ id: string }>(text, [freelancer.id]))[0]?.id ?? '';
}

test('J04 accounts that Stripe lets nobody ask about any more keep no other one waiting, however many they are', async () => {
  const deals = await Promise.all(Array.from({ length: 22 }, () => makeDeal(app)));
  for (const { freelancer } of deals)
    await freelancer.must(openPayoutOnboarding, { body: { country: 'DE', commandId: newId() } });
  const accounts = await Promise.all(deals.map(accountOf));
  const [ready = '', ...gone] = accounts.toReversed();
  for (const id of gone) double.things.get(id, 'v2.core.account')['isDisconnected'] = true;
  await unsaid(double, () => double.moves.setAccount(double.things.get(ready, 'v2.core.account'), 'active'));
  const statusOf = `select status from payout_accounts where account_id = $1`;
  const text = 'select max(updated_at) as at from payout_accounts where account_id = any($1)';
  const asked = async () => (await app.sql<{ at: Date }>(text, [gone]))[0]?.at.getTime();
  const before = await asked();
  await whenAsked(async () => expect(await asked()).not.toBe(before));
  await whenAsked(async () => expect(await app.sql(statusOf, [ready])).toEqual([{ status: 'active' }]));
});

test('J16 a payout that Stripe lets nobody ask about any more keeps no other one waiting', async () => {
  const [other, gone] = [await makeDeal(app), await makeDeal(app)];
  for (const it of [other, gone]) {
    const id = await onboard(double, app, it.freelancer);
    double.things.add(id, 'eur', 5_000);
    const body = { amountMinor: 2_000, currency: 'EUR', commandId: newId() } as const;
    await it.freelancer.must(requestPayout, { body });
    await until(() => expect(double.of('payout', { account: id })).toHaveLength(1));
  }
  double.things.get(await accountOf(gone), 'v2.core.account')['isDisconnected'] = true;
  const [payout] = double.of('payout', { account: await accountOf(other) });
  if (!payout) throw new Error('no payout');
  await unsaid(double, () => double.moves.finishPayout(payout, 'paid'));
  await whenAsked(async () =>
    expect((await other.freelancer.must(listPayouts)).items).toMatchObject([{ status: 'paid' }]),
  );
});

test('J03 a card that had left Stripe already, or whose leaving had no answer, keeps no other one there', async () => {
  const [first, second] = [await savedCard(deal.client), await savedCard(deal.client)];
  const [one, other] = double.of('payment_method').filter((it) => it['customer'] !== null);
  if (!one || !other) throw new Error('no cards');
  Object.assign(one, { customer: null, detached: true });
  for (const { id } of [first, second])
    await deal.client.must(removePaymentMethod, { params: { paymentMethodId: id } });
  await until(() => expect(other['customer']).toBeNull());
  await until(async () => expect(await app.sql('select 1 from payment_methods where detached_at is null')).toEqual([]));
});
