import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import pg from 'pg';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { findBroken, findOldHolds } from './checks.ts';
import { accountId, book } from './ledger.ts';

let app: TestApp;
let role: pg.Client;
beforeAll(async () => {
  app = await startTestApp();
  role = new pg.Client({ connectionString: app.databaseUrl });
  await role.connect();
  await role.query('set role safesend_app');
  const deal = await m.makeDeal(app);
  await m.fund(deal);
});
afterAll(async () => {
  await role.end();
  await app.close();
});

const booking = () => ({
  ...{ id: newId(), kind: 'processor_fee', currency: 'EUR' as const },
  ...{ holdId: null, operationId: null, objectId: null, factId: null },
});

test.each(['ledger_entries', 'ledger_transactions', 'ledger_accounts'])(
  'T-M32 L10 the product may add to %s, and neither change, delete nor empty it',
  async (table) => {
    for (const change of [`update ${table} set currency = currency`, `delete from ${table}`, `truncate ${table}`]) {
      const text = change.replace('ledger_transactions set currency = currency', 'ledger_transactions set kind = kind');
      await expect(role.query(text), text).rejects.toThrow(/permission denied/);
      await expect(app.sql(text), `${text}, as the owner`).rejects.toThrow(/append-only|cannot truncate/);
    }
  },
);

test('T-M32 the product cannot write a balance beside its entries', async () => {
  await expect(role.query('update ledger_balances set balance_minor = 0')).rejects.toThrow(/permission denied/);
});

test('T-M32 L8 what does not balance, moves nothing or mixes currencies is refused at the commit (I16)', async () => {
  const write = (amounts: readonly bigint[]) =>
    app.transact({ id: null }, (tx) =>
      book(
        tx,
        booking(),
        amounts.map((amountMinor, at) => ({
          account: at % 2 === 0 ? ('processor_fee' as const) : ('processor_balance' as const),
          amountMinor,
        })),
      ),
    );
  await expect(write([5n, -4n])).rejects.toThrow(/does not balance/);
  await expect(write([])).rejects.toThrow(/moves nothing/);
  await write([5n, -5n]);
  const [usd, eur] = [accountId('processor_fee', undefined, 'USD'), accountId('processor_fee', undefined, 'EUR')];
  const id = newId();
  const mixed = app.transact({ id: null }, async (tx) => {
    await book(tx, { ...booking(), id, currency: 'USD' }, [
      { account: 'processor_fee', amountMinor: 7n },
      { account: 'processor_balance', amountMinor: -7n },
    ]);
    await tx.query('insert into ledger_entries values ($1, $2, 1, $3)', [id, eur, 'EUR']);
  });
  await expect(mixed).rejects.toThrow(/does not balance/);
  const wrong = app.sql(
    `insert into ledger_entries select id, $1, 1, 'EUR' from ledger_transactions where fact_id is not null limit 1`,
    [usd],
  );
  await expect(wrong).rejects.toThrow('ledger_entries_account_id_currency_fkey');
});

test('I5 the same object is booked once', async () => {
  const once = () =>
    app.transact({ id: null }, (tx) =>
      book(tx, { ...booking(), objectId: 'ch_1' }, [
        { account: 'processor_fee', amountMinor: 3n },
        { account: 'processor_balance', amountMinor: -3n },
      ]),
    );
  await once();
  await expect(once()).rejects.toThrow(/duplicate|unique/);
  await m.expectSoundBooks(app);
});

test('T-M32 the database itself refuses what would be twice, whatever the program does', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.release(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'chargeback');
  const again = (table: string, where: string, change: Record<string, string>) => {
    const set = Object.entries({ id: 'gen_random_uuid()', ...change }).map(
      ([column, value]) => `'${column}', ${value}`,
    );
    return app.sql(
      `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object(${set.join(', ')}))).* from ${table} t where ${where} limit 1`,
    );
  };
  const of = `hold_id = (select id from holds where milestone_id = '${milestoneId}')`;
  const other = `'x' || gen_random_uuid()`;
  const transfer = `${of} and kind = 'transfer'`;
  await expect(again('holds', `milestone_id = '${milestoneId}'`, { processor_payment_id: 'null' })).rejects.toThrow(
    'holds_milestone_id_key',
  );
  await expect(again('payments', of, { status: `'processing'` })).rejects.toThrow('payments_processor_payment_id_key');
  const open = { status: `'processing'`, processor_payment_id: other };
  await again('payments', of, open);
  await expect(again('payments', of, open), 'a second open one').rejects.toThrow('payments_one_open');
  const [key, object, seq] = [{ idempotency_key: other }, { object_id: other }, { seq: '77' }];
  await expect(again('money_operations', transfer, { ...object, ...seq })).rejects.toThrow('idempotency_key_key');
  await expect(again('money_operations', transfer, { ...key, ...seq })).rejects.toThrow('object_id_key');
  await expect(again('money_operations', transfer, { ...key, ...object })).rejects.toThrow('hold_id_kind_seq_key');
  await expect(again('chargebacks', of, {})).rejects.toThrow('processor_chargeback_id_key');
  await app.sql(`delete from payments where ${of} and processor_payment_id like 'x%'`);
  await m.expectSoundBooks(app);
});

test('T-M32 L9 the database itself refuses a balance, an entry or an operation that cannot be', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const hold = `update holds set $ where milestone_id = '${milestoneId}'`;
  const head = 'insert into ledger_transactions (id, kind, fact_id, at)';
  const refused: Readonly<Record<string, string>> = {
    [hold.replace('$', 'held_minor = held_minor - 200000, released_minor = 200000')]: 'holds_held_minor_check',
    [hold.replace('$', 'held_minor = held_minor - 1')]: 'holds_check',
    [hold.replace('$', 'owed_minor = 1')]: 'holds_owed',
    [hold.replace('$', 'credit_minor = 1')]: 'holds_credit',
    [`${head} select gen_random_uuid(), 'x', fact_id, now() from ledger_transactions where fact_id is not null limit 1`]:
      'ledger_transactions_fact_id_key',
    [`${head} values (gen_random_uuid(), 'release', null, now())`]: 'ledger_transactions_check',
    [`insert into ledger_entries select t.id, a.id, 0, a.currency from ledger_transactions t, ledger_accounts a limit 1`]:
      'ledger_entries_amount_minor_check',
    [`insert into money_operations (id, kind, hold_id, seq, amount_minor, gross_minor, currency, state, idempotency_key, created_at)
      select gen_random_uuid(), 'transfer', id, 99, 1, 1, 'EUR', 'queued', 'none', now() from holds limit 1`]:
      'money_operations_source',
  };
  for (const [text, constraint] of Object.entries(refused))
    await expect(app.sql(text), text).rejects.toThrow(constraint);
});

test('I8 money that is held for sixty days is an alarm before its processor’s limit, and what was paid by then is none', async () => {
  const own = await startTestApp();
  const deal = await m.makeDeal(own);
  const [held, paid] = [await m.fund(deal), await m.fund(deal)];
  await m.release(deal, paid.milestoneId, 100_000);
  await m.settled(deal, paid.milestoneId, 'released');
  const { hold } = await m.look(deal, held.milestoneId);
  const old = () => findOldHolds(own.orm.em.fork());
  const later = (days: number) => deal.client.must(advanceClock, { body: { advanceSeconds: days * 86_400 } });
  await later(59);
  expect(await old()).toEqual([]);
  await later(1.5);
  expect(await old()).toEqual([hold?.id]);
  const watching = await startTestApp({ databaseUrl: own.databaseUrl, dataDir: own.dataDir });
  await vi.waitFor(
    async () => {
      const numbers = await (await fetch(`http://127.0.0.1:${watching.port}/metrics`)).text();
      expect(numbers).toMatch(/safesend_holds_old 1\b/);
      expect(numbers).toMatch(/safesend_hold_oldest_days 60\b/);
    },
    { timeout: 20_000 },
  );
  await watching.close();
  await own.close();
});

test('I06 I16 I1 to I8 and X5 are looked at for real: each is seen when it is broken, and every process says so', async () => {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  await client.query('set session_replication_role = replica');
  const balance = `balance_minor = balance_minor + 5 where shard = (select max(shard) from ledger_balances)`;
  await client.query(`update holds set held_minor = held_minor - 1, released_minor = released_minor + 1,
    held_until = now() - interval '1 day' where held_minor > 0`);
  await client.query(`update ledger_balances set ${balance}`);
  await client.query(`update ledger_transactions set fact_id = gen_random_uuid() where kind = 'funding'`);
  await client.query(`update ledger_entries set amount_minor = amount_minor + 1
    where transaction_id = (select id from ledger_transactions where kind = 'transfer' limit 1) and amount_minor < 0`);
  await client.query(`update holds set owed_minor = owed_minor + 1 where released_minor > 1000`);
  await client.query(`alter table ledger_transactions drop constraint ledger_transactions_object_id_kind_key`);
  await client.query(`insert into ledger_transactions (id, kind, object_id, fact_id, at)
    select gen_random_uuid(), kind, object_id, gen_random_uuid(), at from ledger_transactions where kind = 'transfer'`);
  await client.end();
  const found = (await findBroken(app.orm.em.fork())).map(({ invariant }) => invariant.slice(0, 2));
  expect(found.sort()).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'X5']);
  const watching = await startTestApp({ databaseUrl: app.databaseUrl });
  await vi.waitFor(
    async () => {
      const numbers = await (await fetch(`http://127.0.0.1:${watching.port}/metrics`)).text();
      expect(numbers).toMatch(/safesend_ledger_broken 9\b/);
      expect(numbers).toMatch(/safesend_holds_old [1-9]/);
    },
    { timeout: 20_000 },
  );
  await watching.close();
});
