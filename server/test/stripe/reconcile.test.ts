import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '@safesend/shared/ids.ts';
import { openStripe } from '../../src/kernel/ports/stripe.ts';
import { reconcile } from '../../src/modules/escrow/service/reconcile.ts';
import type { TestApp } from '../harness.ts';
import { makeDeal, type Deal } from '../money.ts';
import { patience, trials } from '../tier.ts';
import { StripeDouble } from './double.ts';
import { secrets, startWithStripe } from './product.ts';

let double: StripeDouble;
let app: TestApp;
let deal: Deal;
beforeAll(async () => {
  double = await new StripeDouble().listen();
  app = await startWithStripe(double, { environment: { ROLES: 'web' } });
  deal = await makeDeal(app);
});
afterAll(async () => {
  await app.close();
  await double.close();
});

/** Holds that were paid and released, as both sides would know them: two objects each. */
async function manyHolds(count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => [newId(), newId(), newId()] as const);
  const made = ids.map(([hold, payment, operation]) => {
    const money = { amount: 103_535, amount_received: 103_535, currency: 'eur' };
    const intent = double.things.make('pi', 'payment_intent', {
      ...{ ...money, status: 'succeeded', last_payment_error: null, latest_charge: null },
      metadata: { payment_id: payment, money_op_id: newId() },
    });
    const transfer = double.things.make('tr', 'transfer', {
      ...{ amount: 90_000, currency: 'eur', transfer_group: `ss_hold_${hold}`, metadata: { money_op_id: operation } },
      reversals: { data: [] },
    });
    return { hold, payment, operation, intent: intent.id, transfer: transfer.id };
  });
  const column = (name: keyof (typeof made)[number]) => made.map((it) => it[name]);
  await app.sql(
    `with input as (
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) as t (hold, payment, operation, intent, transfer)),
     holds_made as (
       insert into holds (id, milestone_id, room_id, project_id, client_id, freelancer_id, currency, platform_fee_bps,
         service_fee_bps, processor, funded_minor, released_minor, platform_fee_minor, paid_minor, processor_payment_id, created_at)
       select hold, gen_random_uuid(), $6, $7, $8, $9, 'EUR', 1000, 350, 'stripe', 100000, 100000, 10000, 90000, intent, now() from input),
     payments_made as (
       insert into payments (id, hold_id, payer_id, amount_minor, fee_minor, currency, status, processor_payment_id, created_at,
         expires_at, settled_at)
       select payment, hold, $8, 100000, 3535, 'EUR', 'succeeded', intent, now(), now(), now() from input)
     insert into money_operations (id, kind, hold_id, payment_id, seq, amount_minor, gross_minor, currency, state, idempotency_key, object_id,
       created_at, settled_at)
     select operation, 'transfer', hold, payment, 1, 90000, 100000, 'EUR', 'succeeded', operation::text, transfer, now(), now() from input`,
    [
      ...[column('hold'), column('payment'), column('operation'), column('intent'), column('transfer')],
      ...[deal.roomId, deal.projectId, deal.client.id, deal.freelancer.id],
    ],
  );
}

test(
  'T-M33 among thousands of objects exactly the five that differ are named, and nothing else',
  { timeout: patience(60_000) },
  async () => {
    const objects = trials(10_000);
    await manyHolds(Math.ceil(objects / 2));
    const processor = openStripe({
      ...{ secretKey: double.secretKey, publishableKey: undefined, apiBase: double.url, secrets },
    });
    const [outside] = double.of('transfer').slice(-1);
    if (outside) outside.created -= 7_200;
    const look = () => reconcile({ orm: app.orm, processor }, new Date(Date.now() - 3_600_000));
    const sound = await look();
    expect(sound.compared).toBeGreaterThanOrEqual(objects);
    expect(sound.differences, 'one that the list leaves out is asked for by its name').toEqual([]);
    const [missing, amount, currency] = double.of('transfer');
    const [undone] = double.of('payment_intent');
    if (!missing || !amount || !currency || !undone) throw new Error('no transfers');
    undone['status'] = 'canceled';
    double.things.remove(missing.id);
    amount['amount'] = 89_999;
    currency['currency'] = 'usd';
    const metadata = { money_op_id: newId() };
    const extra = double.things.make('tr', 'transfer', {
      ...{ amount: 500, currency: 'eur', metadata, reversals: { data: [] } },
    });
    const { differences } = await look();
    expect(differences.map(({ objectId, what }) => [objectId, what]).sort()).toEqual(
      [
        [amount.id, 'amount'],
        [currency.id, 'currency'],
        [extra.id, 'unknown'],
        [missing.id, 'missing'],
        [undone.id, 'status'],
      ].sort(),
    );
  },
);
