import { newId } from '@safesend/shared/ids.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { cancelPayment } from '@safesend/shared/projects/money-calls.ts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { reconcileVerb } from '../../src/cli/reconcile.ts';
import { readEnv } from '../../src/kernel/env.ts';
import { send, type TestApp } from '../harness.ts';
import { factTypes, look, plan, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import {
  becomes,
  booksOf,
  intentOf,
  paid,
  paying,
  payWith,
  secrets,
  startWithStripe,
  stripeEnvironment,
  unsaid,
  until,
} from './product.ts';
import { onStage } from './stage.ts';
import { sign, type SentEvent } from './webhooks.ts';

const environment = { REDIS_URL: inject('redisUrl') };
let double: StripeDouble, app: TestApp, deal: Deal, peer: TestApp;
onStage((stage) => ({ double, app, deal } = stage), { environment });
beforeAll(async () => {
  peer = await startWithStripe(double, { databaseUrl: app.databaseUrl, environment });
});
afterAll(() => peer.close());

const kept = (ids: readonly string[]) =>
  app.sql<{ id: string; state: string; note: string | null }>(
    'select id, state, note from processor_events where id = any($1)',
    [ids],
  );

async function count(milestoneId: string, type: string): Promise<number> {
  const rows = await app.sql<{ n: number }>(
    `select count(*)::int as n from facts f join fact_payloads p using (room_id, seq)
     where f.type = $2 and p.data -> 'milestone' ->> 'id' = $1`,
    [milestoneId, type],
  );
  return rows[0]?.n ?? 0;
}

test('T-M11 T-M16 one event said a hundred times at two processes is kept once and has one effect', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const events = await unsaid(double, () => double.payments.succeed(intent));
  const [event] = events.filter(({ type }) => type === 'payment_intent.succeeded');
  if (!event) throw new Error('nothing was said');
  const other = { url: `http://127.0.0.1:${peer.port}/api/v1`, secrets };
  const mine = double.webhooks.addressee;
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => {
      double.webhooks.addressee = at % 2 === 0 ? mine : other;
      return double.webhooks.deliver(event);
    }),
  );
  double.webhooks.addressee = mine;
  expect(new Set(answers)).toEqual(new Set([200]));
  await becomes(deal, milestoneId, 'funded');
  const before = await booksOf(app, milestoneId);
  expect(await double.webhooks.deliver(event), 'a replay').toBe(200);
  expect(await kept([event.id])).toHaveLength(1);
  expect(await count(milestoneId, 'milestone.funded')).toBe(1);
  expect(await booksOf(app, milestoneId)).toEqual(before);
});

test('T-M14 T-M15 what was not signed just now for this very address is refused, and nothing of it is kept', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  await unsaid(double, () => double.payments.succeed(intent));
  const event = double.webhooks.write('payment_intent.succeeded', intent);
  const now = Math.floor(Date.now() / 1_000);
  const changed = { ...event, body: event.body.replace('"livemode":false', '"livemode":true') };
  const spaced = { ...event, body: JSON.stringify(JSON.parse(event.body), null, 2) };
  const good = sign(event.body, secrets.platform, { at: now });
  const forged: [SentEvent, string][] = [
    [event, ''],
    [event, sign(event.body, 'whsec_wrong')],
    [event, sign(event.body, secrets.connect)],
    [changed, good],
    [spaced, good],
    [event, sign(event.body, secrets.platform, { scheme: 'v0' })],
    [event, sign(event.body, secrets.platform, { at: now - 303 })],
    [event, sign(event.body, secrets.platform, { at: now + 303 })],
  ];
  for (const [it, signature] of forged) expect(await double.webhooks.deliver(it, signature), signature).toBe(400);
  for (const endpoint of ['connect', 'thin'] as const)
    expect(await double.webhooks.deliver({ ...event, endpoint }, good)).toBe(400);
  const [account, payout] = [double.things.make('acct', 'v2.core.account', {}), double.things.make('po', 'payout', {})];
  const others = [
    double.webhooks.write('v2.core.account[requirements].updated', account),
    double.webhooks.write('payout.paid', payout, { account: account.id }),
  ];
  for (const it of others)
    for (const at of [now - 303, now + 303])
      expect(await double.webhooks.deliver(it, sign(it.body, secrets[it.endpoint], { at })), it.type).toBe(400);
  expect(await kept([event, ...others].map(({ id }) => id))).toEqual([]);
  const rolled = `${sign(event.body, 'whsec_old', { at: now })},${good.split(',')[1]}`;
  expect(await double.webhooks.deliver(event, rolled), 'two signatures, one good').toBe(200);
  await becomes(deal, milestoneId, 'funded');
});

test('T-M17 another mode, account or version is kept and parked with an alarm, and nothing comes of it', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const stranger = double.things.make('acct', 'v2.core.account', {});
  const events = [
    double.webhooks.write('payment_intent.succeeded', intent, { livemode: true }),
    double.webhooks.write('payment_intent.succeeded', intent, { api_version: '2031-01-01.fern' }),
    double.webhooks.write('payout.paid', intent, { account: 'acct_somebody' }),
    {
      ...double.webhooks.write('payment_intent.succeeded', intent, { account: 'acct_somebody' }),
      endpoint: 'platform' as const,
    },
    double.webhooks.write('v2.core.account[requirements].updated', stranger),
    double.webhooks.write('v2.core.account[requirements].updated', stranger, { livemode: true }),
  ];
  for (const event of events) expect(await double.webhooks.deliver(event), event.type).toBe(200);
  const rows = await kept(events.map(({ id }) => id));
  expect(rows.map(({ state }) => state)).toEqual(events.map(() => 'parked'));
  expect(rows.every(({ note }) => note !== null)).toBe(true);
  expect((await look(deal, milestoneId)).status).toBe('funding');
  const metrics = await (await fetch(`http://127.0.0.1:${app.port}/metrics`)).text();
  expect(Number(/safesend_processor_events_parked (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(events.length);
});

test('T-M24 a payment of less, more, another currency or for something else funds nothing, and is flagged', async () => {
  const attempts = await Promise.all(Array.from({ length: 4 }, () => paying(double, deal)));
  const [less, more, foreign, other] = attempts;
  if (!less || !more || !foreign || !other) throw new Error('no payments');
  const events = await unsaid(double, () => {
    double.payments.succeed(less.intent, 100);
    double.payments.succeed(more.intent, 999_999);
    double.payments.succeed(foreign.intent, undefined, 'usd');
    (other.intent['metadata'] as Record<string, string>)['payment_id'] = newId();
    double.payments.succeed(other.intent);
  });
  for (const event of events) expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () => {
    const rows = await app.sql<{ mismatch: string | null }>('select mismatch from payments where id = any($1)', [
      attempts.map(({ paymentId }) => paymentId),
    ]);
    expect(rows.every(({ mismatch }) => mismatch !== null)).toBe(true);
  });
  for (const { milestoneId } of attempts)
    expect(await look(deal, milestoneId)).toMatchObject({ status: 'funding', hold: { heldMinor: 0 } });
  for (const amount of [40, 60]) {
    expect((await look(deal, less.milestoneId)).status, 'until all of it was given back by hand').toBe('funding');
    double.moves.refund({ payment_intent: less.intent.id, amount, metadata: {} } as never);
  }
  await becomes(deal, less.milestoneId, 'planned');
  double.payments.succeed(await intentOf(double, await payWith(deal, less.milestoneId)));
  await becomes(deal, less.milestoneId, 'funded');
});

test('X22 a chargeback is in the room within seconds and freezes the hold; said twice, in any order, days late: the same books', async () => {
  const [first, second] = [await paid(double, deal), await paid(double, deal)];
  const dispute = double.payments.openDispute(first.intent);
  await until(async () => expect(await count(first.milestoneId, 'chargeback.opened')).toBe(1));
  expect(await look(deal, first.milestoneId)).toMatchObject({ hold: { heldMinor: 0, frozenMinor: 100_000 } });
  double.payments.closeDispute(dispute, 'lost');
  await until(async () => expect(await count(first.milestoneId, 'chargeback.closed')).toBe(1));

  const late = await unsaid(double, () =>
    double.payments.closeDispute(double.payments.openDispute(second.intent), 'lost'),
  );
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 3 * 86_400 } });
  for (const event of [...late].reverse().concat(late)) expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () => expect(await count(second.milestoneId, 'chargeback.closed')).toBe(1));
  await until(async () =>
    expect(await booksOf(app, second.milestoneId)).toEqual(await booksOf(app, first.milestoneId)),
  );
  expect(await count(second.milestoneId, 'chargeback.opened')).toBe(1);
  expect(await factTypes(deal)).toContain('chargeback.closed');
});

test('J13 an event that cannot be applied for a day is parked for a person, and stops being tried', async () => {
  const { intent } = await paying(double, deal);
  const door = `GET /v1/payment_intents/${intent.id}`;
  double.trouble(door, ...Array.from({ length: 12 }, () => 'fault' as const));
  const event = double.webhooks.write('payment_intent.succeeded', intent);
  expect(await double.webhooks.deliver(event)).toBe(200);
  const kept = async () => {
    const [row] = await app.sql<{ state: string; note: string | null }>(
      'select state, note from processor_events where id = $1',
      [event.id],
    );
    return row;
  };
  await until(async () =>
    expect(await kept()).toMatchObject({ state: 'received', note: expect.any(String) as string }),
  );
  await app.sql('update processor_events set attempts = 39, next_at = now() where id = $1', [event.id]);
  await until(async () => expect(await kept()).toMatchObject({ state: 'parked', note: expect.any(String) as string }));
});

test('J13 what Stripe said while nobody listened is asked for by `cli reconcile`, kept once and applied', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const missed = await unsaid(double, () => double.payments.succeed(intent));
  const reconciled = () => {
    const env = readEnv({ NODE_ENV: 'test', ...stripeEnvironment(double) });
    const desk = { env, databaseUrl: async () => app.databaseUrl, readInput: async () => '' };
    return reconcileVerb.run(desk, { options: {}, words: [] });
  };
  const { text, value } = await reconciled();
  expect(text).toContain('had not been heard');
  expect((value as { missedEvents: number }).missedEvents).toBeGreaterThan(0);
  await becomes(deal, milestoneId, 'funded');
  const ids = missed.filter(({ type }) => type === 'payment_intent.succeeded').map(({ id }) => id);
  await until(async () => expect(await kept(ids)).toMatchObject([{ state: 'applied' }]));
  expect((await reconciled()).value).toMatchObject({ missedEvents: 0 });
  for (const event of missed) expect(await double.webhooks.deliver(event), 'the webhook comes after all').toBe(200);
  expect(await count(milestoneId, 'milestone.funded')).toBe(1);
});

test('J13 an event is answered once it is kept: what the database did not take is said to have failed, and sent again', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  await unsaid(double, () => double.payments.succeed(intent));
  const event = double.webhooks.write('payment_intent.succeeded', intent);
  await app.sql(`alter table processor_events add constraint not_this_one check (id <> '${event.id}')`);
  expect(await double.webhooks.deliver(event)).toBe(500);
  await app.sql('alter table processor_events drop constraint not_this_one');
  expect(await kept([event.id])).toEqual([]);
  expect(await double.webhooks.deliver(event)).toBe(200);
  await becomes(deal, milestoneId, 'funded');
});

test('I07 T-M24 what is said again of an attempt that is over changes nothing, and ends no later one', async () => {
  const { milestoneId, intent, paymentId } = await paying(double, deal);
  await deal.client.must(cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
  await becomes(deal, milestoneId, 'planned');
  await payWith(deal, milestoneId);
  const before = await count(milestoneId, 'payment.failed');
  const said = async (type: string) => {
    const event = double.webhooks.write(type, intent);
    expect(await double.webhooks.deliver(event)).toBe(200);
    await until(async () => expect(await kept([event.id])).toMatchObject([{ state: 'applied' }]));
  };
  await said('payment_intent.canceled');
  Object.assign(intent, { status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } });
  await said('payment_intent.payment_failed');
  expect(await look(deal, milestoneId)).toMatchObject({ status: 'funding', waiting: null });
  expect(await count(milestoneId, 'payment.failed')).toBe(before);
});

test('I07 an attempt whose beginning nobody knows of yet is not said to be over: only whoever began it learns that', async () => {
  const { id: milestoneId } = await plan(deal);
  double.trouble('POST /v1/payment_intents', 'throttle');
  const paymentId = await payWith(deal, milestoneId);
  const operations = (state: string, count: number) =>
    until(async () => {
      const rows = await app.sql('select 1 from money_operations where payment_id = $1 and state = $2', [
        paymentId,
        state,
      ]);
      expect(rows).toHaveLength(count);
    });
  await operations('unknown', 1);
  await deal.client.must(cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
  await operations('unknown', 2);
  expect((await look(deal, milestoneId)).status).toBe('funding');
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 31 } });
  await becomes(deal, milestoneId, 'planned');
});
