import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { seeded } from '../../../scripts/seeded.ts';
import type { TestApp } from '../harness.ts';
import { makeDeal, plan, type Deal } from '../money.ts';
import { patience, tier, trials } from '../tier.ts';
import type { StripeDouble } from './double.ts';
import { becomes, booksOf, paying, payWith, savedCard, unsaid, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal;
onStage((stage) => ({ double, app, deal } = stage));

async function timesFunded(milestoneId: string): Promise<number> {
  const [row] = await app.sql<{ n: number }>(
    `select count(*)::int as n from facts f join fact_payloads p using (room_id, seq)
     where f.type = 'milestone.funded' and p.data -> 'milestone' ->> 'id' = $1`,
    [milestoneId],
  );
  return row?.n ?? 0;
}

/** Some at a time: everything of one project waits for its lock, and nobody should be told that it took too long. */
async function inTurn<Item, Made>(items: readonly Item[], make: (item: Item) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  for (let from = 0; from < items.length; from += 4)
    made.push(...(await Promise.all(items.slice(from, from + 4).map(make))));
  return made;
}

const chance = seeded(24);
/** Seconds between two events. */
const gap = () => chance() * { fast: 0, slow: 0.5, long: 5 }[tier];

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

test(
  'T-M13 X22 four events of one payment in all orders, twice each, end in the same books',
  { timeout: patience(30_000) },
  async () => {
    const orders = ordersOf([
      'payment_intent.requires_action',
      'payment_intent.payment_failed',
      'payment_intent.succeeded',
      'charge.updated',
    ]);
    const attempts = await inTurn(orders, async (order) => ({ order, ...(await paying(double, deal)) }));
    await unsaid(double, () => attempts.forEach(({ intent }) => double.payments.succeed(intent)));
    await Promise.all(
      attempts.map(async ({ order, intent }) => {
        const charge = double.things.get(intent['latest_charge'], 'charge');
        for (const type of order) {
          await pause(gap() * 1_000);
          const event = double.webhooks.write(type, type.startsWith('charge') ? charge : intent);
          expect(await double.webhooks.deliver(event)).toBe(200);
          expect(await double.webhooks.deliver(event)).toBe(200);
        }
      }),
    );
    const books = await Promise.all(
      attempts.map(async ({ milestoneId }) => {
        await becomes(deal, milestoneId, 'funded');
        await until(async () => expect(await booksOf(app, milestoneId)).toHaveLength(5));
        return booksOf(app, milestoneId);
      }),
    );
    expect(new Set(books.map((it) => JSON.stringify(it))).size).toBe(1);
  },
);

test(
  'T-M18 an event that comes before the answer to our own call changes nothing about the end',
  { timeout: patience(30_000) },
  async () => {
    const deals = await Promise.all(Array.from({ length: Math.ceil(trials(100) / 25) + 1 }, () => makeDeal(app)));
    const cards = new Map(await inTurn(deals, async (it) => [it, (await savedCard(it.client)).id] as const));
    const tries = Array.from({ length: Math.max(10, trials(100)) }, (_, at) => deals[at % deals.length] as Deal);
    const plans = await inTurn(tries, async (own) => ({ own, ...(await plan(own)) }));
    double.trouble('POST /v1/payment_intents', ...plans.map(() => 'slow' as const));
    await inTurn(plans, ({ own, id }) => payWith(own, id, cards.get(own)));
    for (const { own, id } of plans) await becomes(own, id, 'funded');
    for (const { id } of plans) expect(await timesFunded(id)).toBe(1);
  },
);

test(
  'T-M20 while the database is away nothing is answered 2xx; afterwards every event is applied',
  { timeout: patience(30_000) },
  async () => {
    const fresh = await makeDeal(app);
    const attempts = await inTurn(Array.from({ length: Math.max(10, trials(50)) }), () => paying(double, fresh));
    const name = new URL(app.databaseUrl).pathname.slice(1);
    const admin = new pg.Client({ connectionString: inject('postgresUrl') });
    await admin.connect();
    await admin.query(`alter database "${name}" with allow_connections false`);
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [name],
    );
    const events = await unsaid(double, () => attempts.forEach(({ intent }) => double.payments.succeed(intent)));
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
  },
);
