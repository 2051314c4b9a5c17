import { expect, test } from 'vitest';
import { newId } from '@safesend/shared/ids.ts';
import { openStripe } from '../../src/kernel/ports/stripe.ts';
import { reconcile } from '../../src/modules/escrow/service/reconcile.ts';
import type { TestApp } from '../harness.ts';
import { type Deal } from '../money.ts';
import { patience, trials } from '../tier.ts';
import type { StripeDouble } from './double.ts';
import { secrets } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage), { environment: { ROLES: 'web' }, hasBooks: false });

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

/** One hold more, with something of every kind that both sides know. */
async function oneOfEach() {
  await manyHolds(1);
  const [intent] = double.of('payment_intent').slice(-1);
  const [transfer] = double.of('transfer').slice(-1);
  if (!intent || !transfer) throw new Error('no hold');
  const [refundId, reversalId] = [newId(), newId()];
  const money = { amount: 4_000, currency: 'eur' };
  const refund = double.things.make('re', 'refund', {
    ...{ ...money, payment_intent: intent.id, status: 'succeeded', metadata: { money_op_id: refundId } },
  });
  const reversal = double.things.make('trr', 'transfer_reversal', { ...money, metadata: { money_op_id: reversalId } });
  const reversals = (transfer['reversals'] as { data: Thing[] }).data;
  reversals.push(reversal);
  const chargeback = disputeOf(intent.id);
  await app.sql(
    `with hold as (select hold_id as id, id as payment_id from payments where processor_payment_id = $1),
     disputed as (
       insert into chargebacks (id, hold_id, payment_id, processor_chargeback_id, amount_minor, share_minor, frozen_minor, currency, reason,
         status, opened_at)
       select gen_random_uuid(), id, payment_id, $6, 4000, 0, 0, 'EUR', 'fraudulent', 'open', now() from hold)
     insert into money_operations (id, kind, hold_id, payment_id, seq, amount_minor, gross_minor, currency, state, idempotency_key, object_id,
       created_at, settled_at)
     select o.id::uuid, o.kind, hold.id, hold.payment_id, 1, 4000, 4000, 'EUR', 'succeeded', o.id, o.object, now(), now()
     from hold, (values ($2, 'refund', $3), ($4, 'reversal', $5)) as o (id, kind, object)`,
    [intent.id, refundId, refund.id, reversalId, reversal.id, chargeback.id],
  );
  return { payment: intent, transfer, refund, reversal, chargeback, reversals };
}

function disputeOf(intent: string): Thing {
  return double.things.make('du', 'dispute', {
    ...{ amount: 4_000, currency: 'eur', payment_intent: intent, charge: null, reason: 'fraudulent' },
    ...{ status: 'needs_response', evidence_details: { due_by: null } },
    balance_transactions: [{ fee: 1_500, currency: 'eur' }],
  });
}

test('T-M33 whatever kind it is of, it is named for what is wrong with it: its amount, its currency, its state, or that it is alone', async () => {
  const { reversals, ...each } = await oneOfEach();
  const processor = openStripe({
    ...{ secretKey: double.secretKey, publishableKey: undefined, apiBase: double.url, secrets },
  });
  const named = async () => {
    const { differences } = await reconcile({ orm: app.orm, processor }, new Date(Date.now() - 3_600_000));
    return differences.map(({ kind, objectId, what }) => [kind, objectId, what]);
  };
  const before = await named();
  const added = async () => {
    const known = new Set(before.map((it) => it.join()));
    return (await named()).filter((it) => !known.has(it.join()));
  };
  for (const [kind, thing] of Object.entries(each)) {
    const amounts = ['amount', ...(kind === 'payment' ? ['amount_received'] : [])];
    const was = { ...thing };
    for (const name of amounts) thing[name] = 3_999;
    expect(await added()).toEqual([[kind, thing.id, 'amount']]);
    Object.assign(thing, was, { currency: 'usd' });
    expect(await added()).toEqual([[kind, thing.id, 'currency']]);
    Object.assign(thing, was);
    double.things.remove(thing.id);
    if (kind === 'reversal') reversals.pop();
    // What was taken back of a transfer is nowhere else.
    const gone =
      kind === 'transfer' ? Object.entries({ transfer: thing, reversal: each.reversal }) : [[kind, thing] as const];
    expect((await added()).sort()).toEqual(gone.map(([it, { id }]) => [it, id, 'missing']).sort());
    double.things.restore(thing);
    if (kind === 'reversal') reversals.push(thing);
    expect(await added(), `${kind} as it was`).toEqual([]);
  }
  for (const [kind, status] of [
    ['payment', 'canceled'],
    ['refund', 'failed'],
  ] as const) {
    const was = each[kind]['status'];
    each[kind]['status'] = status;
    expect(await added()).toEqual([[kind, each[kind].id, 'status']]);
    each[kind]['status'] = was;
  }
  const strange = () => ({ amount: 500, currency: 'eur', metadata: { money_op_id: newId() } });
  const extra = {
    payment: double.things.make('pi', 'payment_intent', {
      ...{ ...strange(), amount_received: 500, status: 'succeeded', last_payment_error: null, latest_charge: null },
    }),
    transfer: double.things.make('tr', 'transfer', { ...strange(), reversals: { data: [] } }),
    refund: double.things.make('re', 'refund', { ...strange(), status: 'succeeded' }),
    chargeback: disputeOf(each.payment.id),
    reversal: double.things.make('trr', 'transfer_reversal', strange()),
  };
  reversals.push(extra.reversal);
  // In a currency of ours and in one that is none.
  for (const currency of ['eur', 'thb']) {
    const { id } = double.things.make('pi', 'payment_intent', {
      ...{ amount: 500, amount_received: 500, currency, status: 'succeeded', metadata: {}, latest_charge: null },
    });
    double.things.make('re', 'refund', {
      amount: 100,
      currency,
      metadata: {},
      status: 'succeeded',
      payment_intent: id,
    });
    Object.assign(disputeOf(id), { amount: 300, currency });
  }
  const alone = Object.entries(extra).map(([kind, { id }]) => [kind, id, 'unknown']);
  expect(
    (await added()).sort(),
    'and what another product was paid on the same account, and what went back of it, is none of ours',
  ).toEqual(alone.sort());
});
