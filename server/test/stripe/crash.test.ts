import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setPayoutSchedule } from '@safesend/shared/escrow/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerNode } from '../faults/server-node.ts';
import { createDatabase, send, type Person, type TestApp } from '../harness.ts';
import { look, makeDeal, release, settled, type Deal } from '../money.ts';
import { StripeDouble } from './double.ts';
import { onboard, paid, secrets, stripeEnvironment, until } from './product.ts';

let double: StripeDouble;
let node: ServerNode;
let deal: Deal;
let folder: string;
let owner: pg.Pool;
let app: Pick<TestApp, 'port' | 'sql'>;

beforeAll(async () => {
  double = await new StripeDouble().listen();
  folder = await mkdtemp(join(tmpdir(), 'safesend-crash-'));
  const databaseUrl = await createDatabase();
  owner = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const settings = {
    ...{ NODE_ENV: 'test', HOST: '127.0.0.1', RATE_LIMITS: 'off', SAFESEND_TEST_CLOCK: '1', SAFESEND_FAULTS: 'none' },
    ...{ DATABASE_URL: databaseUrl, SAFESEND_DATA_DIR: folder, LOG_LEVEL: 'warn', ...stripeEnvironment(double) },
  };
  node = new ServerNode(settings, join(folder, 'server.log'));
  await node.startSomewhere();
  double.webhooks.addressee = { url: `${node.url}/api/v1`, secrets };
  app = {
    port: node.port,
    sql: async <Row extends object>(text: string, parameters?: unknown[]) =>
      (await owner.query<Row>(text, parameters)).rows,
  };
  deal = await makeDeal(app);
  await onboard(double, app, deal.freelancer);
});
afterAll(async () => {
  await node.kill();
  await owner.end();
  await double.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(['claimed', 'accepted', 'answered', 'recorded'] as const)(
  'T-M7 a process that dies when a release was %s leaves one transfer, and the room knows after the restart',
  async (point) => {
    const { milestoneId } = await paid(double, deal);
    const hold = (await look(deal, milestoneId)).hold?.id;
    await node.arm(`exit:${point}`);
    const died = node.ended();
    await release(deal, milestoneId, 100_000).catch(() => undefined);
    await died;
    await node.start();
    // What was sent and not answered is looked at after half a minute.
    await send(node.url, advanceClock, { body: { advanceSeconds: 31 } });
    expect((await settled(deal, milestoneId)).hold).toMatchObject({ releasedMinor: 100_000, paidMinor: 90_000 });
    expect(double.of('transfer', { transfer_group: `ss_hold_${hold}` })).toHaveLength(1);
  },
);

/** Pays what he owes, as a reversal would that nobody of this process makes. */
async function payDebtOf({ id }: Person): Promise<void> {
  await owner.query(
    `with debt as (select l.id, ledger_balance(l.id) as minor, l.currency from ledger_accounts l
       where l.kind = 'receivable' and l.owner_id = $1 and ledger_balance(l.id) > 0),
     paid as (insert into ledger_transactions (id, kind, at) select gen_random_uuid(), 'processor_fee', now() from debt returning id)
     insert into ledger_entries (transaction_id, account_id, amount_minor, currency)
     select paid.id, debt.id, -debt.minor, debt.currency from paid, debt
     union all select paid.id, l.id, debt.minor, debt.currency from paid, debt, ledger_accounts l
       where l.kind = 'processor_balance' and l.currency = debt.currency`,
    [id],
  );
}

test.each([
  ['holding', 'manual'],
  ['held', 'weekly'],
] as const)(
  'J15 J16 a process that dies when a schedule is held back (%s) leaves it at Stripe as it is to be: %s',
  async (point, interval) => {
    const his = await makeDeal(app);
    const accountId = await onboard(double, app, his.freelancer);
    await his.freelancer.must(setPayoutSchedule, { body: { schedule: 'weekly' } });
    const { milestoneId, intent } = await paid(double, his);
    await release(his, milestoneId, 100_000);
    await settled(his, milestoneId, 'released');
    double.things.add(accountId, 'eur', -double.things.balance(accountId, 'eur'));
    await node.arm(`exit:${point}`);
    const died = node.ended();
    double.payments.closeDispute(double.payments.openDispute(intent), 'lost');
    await died;
    if (interval === 'weekly') await payDebtOf(his.freelancer);
    await node.start();
    const schedule = () => double.things.get(accountId, 'v2.core.account')['schedule'];
    await until(() => expect(schedule()).toMatchObject({ interval }));
    await payDebtOf(his.freelancer);
    await until(() => expect(schedule()).toMatchObject({ interval: 'weekly' }));
  },
  90_000,
);
