import { newId } from '@safesend/shared/ids.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase, send, type TestApp } from '../harness.ts';
import { expectSoundBooks, factTypes, look, makeDeal, plan, type Deal } from '../money.ts';
import { StripeDouble } from './double.ts';
import { becomes, paid, paying, payWith, savedCard, secrets, startWithStripe, until } from './product.ts';
import { sign, type SentEvent } from './webhooks.ts';

let double: StripeDouble;
let app: TestApp;
let peer: TestApp;
let deal: Deal;
beforeAll(async () => {
  double = await new StripeDouble().listen();
  const databaseUrl = await createDatabase();
  const environment = { REDIS_URL: inject('redisUrl') };
  app = await startWithStripe(double, { databaseUrl, environment });
  peer = await startWithStripe(double, { databaseUrl, environment });
  deal = await makeDeal(app);
});
afterAll(async () => {
  await until(() => expectSoundBooks(app));
  await Promise.all([app.close(), peer.close()]);
  await double.close();
});

/** Lets something happen of which nothing is said yet; answers what would have been said. */
async function unsaid(happen: () => unknown): Promise<SentEvent[]> {
  const before = double.webhooks.events.length;
  double.webhooks.mode = 'held';
  await happen();
  double.webhooks.mode = 'sent';
  return double.webhooks.events.slice(before);
}

const kept = (ids: readonly string[]) =>
  app.sql<{ id: string; state: string; note: string | null }>(
    'select id, state, note from processor_events where id = any($1)',
    [ids],
  );

/** What the books say of a milestone, without names and moments. */
async function booksOf(milestoneId: string): Promise<unknown[]> {
  return app.sql(
    `select t.kind, a.kind as account, e.amount_minor::float8 as amount from ledger_transactions t
       join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id
       join holds h on h.id = t.hold_id where h.milestone_id = $1 order by 1, 2, 3`,
    [milestoneId],
  );
}

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
  const events = await unsaid(() => double.payments.succeed(intent));
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
  const before = await booksOf(milestoneId);
  expect(await double.webhooks.deliver(event), 'a replay').toBe(200);
  expect(await kept([event.id])).toHaveLength(1);
  expect(await count(milestoneId, 'milestone.funded')).toBe(1);
  expect(await booksOf(milestoneId)).toEqual(before);
});

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

test('T-M13 X22 four events of one payment in all orders, twice each, end in the same books', async () => {
  const orders = ordersOf([
    'payment_intent.requires_action',
    'payment_intent.payment_failed',
    'payment_intent.succeeded',
    'charge.updated',
  ]);
  const attempts = await Promise.all(orders.map(async (order) => ({ order, ...(await paying(double, deal)) })));
  await unsaid(() => attempts.forEach(({ intent }) => double.payments.succeed(intent)));
  await Promise.all(
    attempts.map(async ({ order, intent }) => {
      const charge = double.things.get(intent['latest_charge'], 'charge');
      for (const type of order) {
        const event = double.webhooks.write(type, type.startsWith('charge') ? charge : intent);
        expect(await double.webhooks.deliver(event)).toBe(200);
        expect(await double.webhooks.deliver(event)).toBe(200);
      }
    }),
  );
  const books = await Promise.all(
    attempts.map(async ({ milestoneId }) => {
      await becomes(deal, milestoneId, 'funded');
      await until(async () => expect(await booksOf(milestoneId)).toHaveLength(5));
      return booksOf(milestoneId);
    }),
  );
  expect(new Set(books.map((it) => JSON.stringify(it))).size).toBe(1);
}, 90_000);

test('T-M14 T-M15 what was not signed just now for this very address is refused, and nothing of it is kept', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  await unsaid(() => double.payments.succeed(intent));
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
  expect(await kept([event.id])).toEqual([]);
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

test('T-M18 an event that comes before the answer to our own call changes nothing about the end', async () => {
  const card = await savedCard(deal.client);
  const plans = await Promise.all(Array.from({ length: 10 }, () => plan(deal)));
  double.trouble('POST /v1/payment_intents', ...plans.map(() => 'slow' as const));
  await Promise.all(plans.map(({ id }) => payWith(deal, id, card.id)));
  for (const { id } of plans) await becomes(deal, id, 'funded');
  for (const { id } of plans) expect(await count(id, 'milestone.funded')).toBe(1);
});

test('T-M24 a payment of less, more, another currency or for something else funds nothing, and is flagged', async () => {
  const attempts = await Promise.all(Array.from({ length: 4 }, () => paying(double, deal)));
  const [less, more, foreign, other] = attempts;
  if (!less || !more || !foreign || !other) throw new Error('no payments');
  const events = await unsaid(() => {
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
});

test('X22 a chargeback is in the room within seconds and freezes the hold; said twice, in any order, days late: the same books', async () => {
  const [first, second] = [await paid(double, deal), await paid(double, deal)];
  const dispute = double.payments.openDispute(first.intent);
  await until(async () => expect(await count(first.milestoneId, 'chargeback.opened')).toBe(1));
  expect(await look(deal, first.milestoneId)).toMatchObject({ hold: { heldMinor: 0, frozenMinor: 100_000 } });
  double.payments.closeDispute(dispute, 'lost');
  await until(async () => expect(await count(first.milestoneId, 'chargeback.closed')).toBe(1));

  const late = await unsaid(() => double.payments.closeDispute(double.payments.openDispute(second.intent), 'lost'));
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 3 * 86_400 } });
  for (const event of [...late].reverse().concat(late)) expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () => expect(await count(second.milestoneId, 'chargeback.closed')).toBe(1));
  await until(async () => expect(await booksOf(second.milestoneId)).toEqual(await booksOf(first.milestoneId)));
  expect(await count(second.milestoneId, 'chargeback.opened')).toBe(1);
  expect(await factTypes(deal)).toContain('chargeback.closed');
});

test('T-M20 while the database is away nothing is answered 2xx; afterwards every event is applied', async () => {
  const fresh = await makeDeal(app);
  const attempts = await Promise.all(Array.from({ length: 10 }, () => paying(double, fresh)));
  const name = new URL(app.databaseUrl).pathname.slice(1);
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`alter database "${name}" with allow_connections false`);
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
    [name],
  );
  const events = await unsaid(() => attempts.forEach(({ intent }) => double.payments.succeed(intent)));
  const said = events.filter(({ type }) => type === 'payment_intent.succeeded');
  const answers = await Promise.all(said.map((event) => double.webhooks.deliver(event)));
  await admin.query(`alter database "${name}" with allow_connections true`);
  await admin.end();
  expect(
    answers.every((status) => status >= 500),
    answers.join(),
  ).toBe(true);
  for (const event of said) await until(async () => expect(await double.webhooks.deliver(event)).toBe(200));
  for (const { milestoneId } of attempts) await becomes(fresh, milestoneId, 'funded');
});
