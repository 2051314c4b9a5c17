import * as calls from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import type { Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal, account: string;
onStage((stage) => ({ double, app, deal, accountId: account } = stage), { isOnboarded: true });

const ask = (amountMinor: number) =>
  deal.freelancer.call(calls.requestPayout, { body: { amountMinor, currency: 'EUR', commandId: newId() } });

/** A payout that Stripe has taken, and of which nothing was read since. */
async function takenUnread(amountMinor: number): Promise<void> {
  const { status, body } = await ask(amountMinor);
  expect(status).toBe(201);
  const id = await until(async () => {
    const [row] = await app.sql<{ object_id: string }>(
      `select object_id from money_operations where payout_id = $1 and state = 'succeeded'`,
      [body.payout.id],
    );
    expect(row).toBeDefined();
    return row?.object_id ?? '';
  });
  // Asked three times each look.
  double.trouble(`GET /v1/payouts/${id}`, ...Array.from({ length: 60 }, () => 'throttle' as const));
  await app.sql('update payouts set processor_payout_id = null where id = $1', [body.payout.id]);
}

test('J16 right after a payout of another device all that is left can be paid out, and no more than that', async () => {
  double.things.add(account, 'eur', 50_000);
  double.webhooks.mode = 'held';
  await takenUnread(20_000);
  expect(double.things.balance(account, 'eur')).toBe(30_000);
  expect((await ask(30_001)).status, 'more than is left').toBe(409);
  expect((await ask(30_000)).status, 'all that is left').toBe(201);
  await until(() => expect(double.things.balance(account, 'eur')).toBe(0));
  double.webhooks.mode = 'sent';
});

test('J16 two devices that ask at once are given no more than there is', async () => {
  double.things.add(account, 'eur', 50_000 - double.things.balance(account, 'eur'));
  const answers = await Promise.all([ask(30_000), ask(30_000), ask(20_000)]);
  const given = answers.flatMap(({ status, body }) => (status === 201 ? [body.payout.amountMinor] : []));
  expect(given.reduce((sum, it) => sum + it, 0)).toBeLessThanOrEqual(50_000);
  await until(async () => {
    const { items } = await deal.freelancer.must(calls.listPayouts);
    expect(items.filter(({ status }) => status === 'failed')).toEqual([]);
  });
});
