// The balance of an account that is in every transaction, by the code that reads every balance, after very many entries.
import type { MikroORM } from '@mikro-orm/postgresql';
import { migrate, openDatabase } from '../../src/kernel/database.ts';
import { query } from '../../src/kernel/sql.ts';
import { accountId, findBalance } from '../../src/modules/escrow/service/ledger.ts';
import { median, type Figure } from '../figure.ts';
import { BrokenRun } from '../process.ts';
import type { Stage } from '../stage.ts';
import { inTurns, type Topic } from './topic.ts';

const entries = { whole: 1_000_000, quick: 100_000 };
const readsPerTurn = 200;
const sumsPerTurn = 3;

export const ledger: Topic = {
  name: 'ledger',
  async measure(stage, { quick, rounds }) {
    const count = quick ? entries.quick : entries.whole;
    const orm = await fillLedger(stage, count / 2);
    try {
      await timeBalance(orm, count / 2, readsPerTurn);
      const results = await inTurns(rounds, {
        balance: () => timeBalance(orm, count / 2, readsPerTurn),
        sum: () => timeSum(orm, sumsPerTurn),
      });
      return figuresOf(results, count);
    } finally {
      await orm.close();
    }
  },
};

/** Half of the entries are of one account, as everything a processor holds is. The triggers are passed over. */
async function fillLedger(stage: Stage, transactions: number): Promise<MikroORM> {
  const databaseUrl = await stage.createDatabase('ledger');
  await migrate(databaseUrl);
  const held = accountId('processor_balance', undefined, 'EUR');
  const fees = accountId('processor_fee', undefined, 'EUR');
  await stage.sql(
    databaseUrl,
    `insert into ledger_accounts (id, kind, type, currency) values ($1, 'processor_balance', 'asset', 'EUR'), ($2, 'processor_fee', 'expense', 'EUR')`,
    [held, fees],
  );
  await stage.sql(
    databaseUrl,
    `select set_config('session_replication_role', 'replica', false);
     insert into ledger_transactions (id, kind, at) select uuidv7(), 'processor_fee', now() from generate_series(1, ${transactions});
     insert into ledger_entries select t.id, a.id, case when a.kind = 'processor_fee' then -1 else 1 end, 'EUR'
       from ledger_transactions t cross join ledger_accounts a;
     insert into ledger_balances select account_id, s.shard, sum(amount_minor) / 16 from ledger_entries
       cross join generate_series(0, 15) as s (shard) group by account_id, s.shard`,
  );
  for (const table of ['ledger_entries', 'ledger_balances']) await stage.sql(databaseUrl, `vacuum (analyze) ${table}`);
  return openDatabase(databaseUrl, [], 1);
}

async function timeBalance(orm: MikroORM, expected: number, reads: number): Promise<number> {
  const times: number[] = [];
  for (let read = 0; read < reads; read++) {
    const begun = performance.now();
    const balance = await findBalance(orm.em.fork(), 'processor_balance', undefined, 'EUR');
    times.push(performance.now() - begun);
    if (balance !== BigInt(expected)) throw new BrokenRun(`a balance is ${balance}, not ${expected}`);
  }
  return median(times);
}

/** The yardstick: what a balance is by definition. */
async function timeSum(orm: MikroORM, reads: number): Promise<number> {
  const times: number[] = [];
  for (let read = 0; read < reads; read++) {
    const begun = performance.now();
    await query(orm.em.fork(), 'select sum(amount_minor) from ledger_entries where account_id = $1', [
      accountId('processor_balance', undefined, 'EUR'),
    ]);
    times.push(performance.now() - begun);
  }
  return median(times);
}

function figuresOf({ balance, sum }: Record<'balance' | 'sum', number[]>, count: number): Figure[] {
  const what = `a balance in a ledger of ${count.toLocaleString('en')} entries`;
  return [
    {
      ...{ id: 'ledger.balance', what, unit: 'milliseconds', goal: { atMost: 0.1 } },
      ...{ product: median(balance), yardstick: { name: 'the sum of its entries', value: median(sum) } },
    },
    {
      ...{ id: 'ledger.limit', what: '– the same, as a limit', unit: 'milliseconds', goal: { atMost: 5 } },
      ...{ product: median(balance), yardstick: null },
    },
  ];
}
