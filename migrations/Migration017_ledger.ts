import { Migration } from '@mikro-orm/migrations';

/** The books: double entry, append-only, exact, balanced at commit, with balances that cost a few rows to read. */
export class Migration017_ledger extends Migration {
  override readonly name = '017_ledger';

  override up(): void {
    this.addSql(`
      create table ledger_accounts (
        id uuid primary key default gen_random_uuid(),
        kind text not null check (kind in ('processor_balance', 'dispute_suspense', 'receivable', 'hold', 'client_credit',
          'refund_clearing', 'release_clearing', 'platform_fee', 'service_fee', 'processor_fee', 'dispute_fee', 'chargeback_loss')),
        type text not null check (type in ('asset', 'liability', 'income', 'expense')),
        owner_id uuid,
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        unique nulls not distinct (kind, owner_id, currency),
        unique (id, currency)
      )`);
    this.addSql(`
      create table ledger_transactions (
        id uuid primary key,
        kind text not null,
        hold_id uuid,
        operation_id uuid,
        -- The processor's object that this books; each is booked once per kind (I5).
        object_id text,
        -- The fact that tells of it, and is told by it (X5). Only the processor's fee has none.
        fact_id uuid unique references facts (id) deferrable initially deferred,
        at timestamptz(3) not null,
        unique (object_id, kind),
        check (fact_id is not null or kind = 'processor_fee')
      )`);
    this.addSql(`create index ledger_transactions_hold on ledger_transactions (hold_id)`);
    this.addSql(`
      create table ledger_entries (
        transaction_id uuid not null references ledger_transactions (id),
        account_id uuid not null,
        -- Debit is positive, credit negative.
        amount_minor bigint not null check (amount_minor <> 0),
        currency text not null,
        primary key (transaction_id, account_id),
        foreign key (account_id, currency) references ledger_accounts (id, currency)
      )`);
    this.addSql(`create index ledger_entries_account on ledger_entries (account_id) include (amount_minor)`);
    // Sums kept with every entry, in several rows per account so that writers of one account seldom meet.
    this.addSql(`
      create table ledger_balances (
        account_id uuid not null references ledger_accounts (id),
        shard smallint not null,
        balance_minor bigint not null,
        primary key (account_id, shard)
      ) with (fillfactor = 50)`);
    this.addSql(`
      create function ledger_balance(uuid) returns bigint language sql stable parallel safe as
      $$ select coalesce(sum(balance_minor), 0)::bigint from ledger_balances where account_id = $1 $$`);
    this.addSql(`
      create function sum_ledger_entries() returns trigger language plpgsql security definer set search_path = public, pg_temp as
      $$ begin
        insert into ledger_balances (account_id, shard, balance_minor)
          select account_id, pg_backend_pid() % 16, sum(amount_minor) from added group by account_id order by account_id
        on conflict (account_id, shard) do update set balance_minor = ledger_balances.balance_minor + excluded.balance_minor;
        return null;
      end $$`);
    this.addSql(`
      create trigger ledger_entries_summed after insert on ledger_entries referencing new table as added
      for each statement execute function sum_ledger_entries()`);
    // L8: looked at when the transaction commits, whatever wrote it.
    this.addSql(`
      create function refuse_unbalanced() returns trigger language plpgsql as
      $$ begin
        if exists (select from ledger_entries where transaction_id = new.transaction_id
                   group by currency having sum(amount_minor) <> 0) then
          raise exception 'ledger transaction % does not balance', new.transaction_id using errcode = 'check_violation';
        end if;
        return null;
      end $$`);
    this.addSql(`
      create constraint trigger ledger_entries_balanced after insert on ledger_entries deferrable initially deferred
      for each row execute function refuse_unbalanced()`);
    this.addSql(`
      create function refuse_empty() returns trigger language plpgsql as
      $$ begin
        if not exists (select from ledger_entries where transaction_id = new.id) then
          raise exception 'ledger transaction % moves nothing', new.id using errcode = 'check_violation';
        end if;
        return null;
      end $$`);
    this.addSql(`
      create constraint trigger ledger_transactions_filled after insert on ledger_transactions deferrable initially deferred
      for each row execute function refuse_empty()`);
    for (const table of ['ledger_accounts', 'ledger_transactions', 'ledger_entries']) {
      this.addSql(
        `create trigger ${table}_append_only before update or delete or truncate on ${table} for each statement execute function refuse_change()`,
      );
    }
    this.addSql(`grant select, insert on ledger_accounts, ledger_transactions, ledger_entries to safesend_app`);
    this.addSql(`grant select on ledger_balances to safesend_app`);
  }
}
