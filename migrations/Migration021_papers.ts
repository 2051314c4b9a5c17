import { Migration } from '@mikro-orm/migrations';

/** What the books mean to each person, and the papers of it: invoices, credit notes and receipts that never change. */
export class Migration021_papers extends Migration {
  override readonly name = '021_papers';

  override up(): void {
    // One row per ledger entry that somebody's account shows, signed from his side. Everything a person is told about his
    // money comes from here, so it says what the ledger says.
    this.addSql(`
      create view money_lines as
      ${side('client', [
        ['funding', 'hold', 'funding', 1],
        ['funding', 'service_fee', 'service_fee', 1],
        ['refunded', 'refund_clearing', 'refund', 1],
        ['chargeback', 'dispute_suspense', 'chargeback', 1],
        ['chargeback_won', 'dispute_suspense', 'chargeback_won', 1],
      ])}
      union all
      ${side('freelancer', [
        ['release', 'hold', 'release', 1],
        ['release', 'platform_fee', 'platform_fee', 1],
        ['chargeback_lost', 'receivable', 'reversal', -1],
      ])}
      union all
      select p.id, p.user_id, 'payout', -p.amount_minor, p.currency, p.created_at, null::uuid, null::uuid, null::uuid, null::uuid,
        null::uuid, p.processor = 'test-money'
      from payouts p where p.status <> 'failed'`);

    // A row's lock is the order of an issuer's numbers: none is skipped, because a rollback takes its number back.
    this.addSql(`
      create table invoice_issuers (
        id uuid primary key,
        ordinal integer generated always as identity,
        last_number integer not null default 0 check (last_number >= 0)
      )`);
    this.addSql(`
      create table invoices (
        id uuid primary key,
        issuer_id uuid not null references invoice_issuers (id),
        number integer not null check (number > 0),
        kind text not null check (kind in ('invoice', 'credit_note', 'receipt')),
        -- What it is about, as the lines of an account call it.
        line text not null,
        recipient_id uuid not null references users (id),
        hold_id uuid not null references holds (id),
        transaction_id uuid not null references ledger_transactions (id),
        corrects_id uuid references invoices (id),
        net_minor bigint not null check (net_minor > 0),
        tax_minor bigint not null check (tax_minor >= 0),
        total_minor bigint not null check (total_minor = net_minor + tax_minor),
        currency text not null,
        -- Names, lines and taxes as they were when it was issued.
        document jsonb not null,
        issued_at timestamptz(3) not null,
        unique (issuer_id, number),
        unique (transaction_id, line),
        check ((kind = 'credit_note') = (corrects_id is not null))
      )`);
    this.addSql(`create index invoices_issuer on invoices (issuer_id, issued_at desc, id desc)`);
    this.addSql(`create index invoices_recipient on invoices (recipient_id, issued_at desc, id desc)`);
    this.addSql(`create index invoices_hold on invoices (hold_id)`);
    // Made at the first download, and the same bytes ever after, whatever draws them then.
    this.addSql(`
      create table invoice_papers (
        invoice_id uuid primary key references invoices (id),
        bytes bytea not null
      )`);
    for (const table of ['invoices', 'invoice_papers']) {
      this.addSql(
        `create trigger ${table}_append_only before update or delete or truncate on ${table} for each statement execute function refuse_change()`,
      );
    }
    // Written with the booking, so that no paper is forgotten; its number is taken afterwards, so that no payment waits for it.
    this.addSql(`
      create table papers_due (
        transaction_id uuid primary key references ledger_transactions (id),
        at timestamptz(3) not null
      )`);
    this.addSql(`
      create function papers_are_due() returns trigger language plpgsql security definer set search_path = public, pg_temp as
      $$ begin
        insert into papers_due (transaction_id, at) values (new.id, new.at) on conflict do nothing;
        return null;
      end $$`);
    this.addSql(`
      create trigger ledger_transactions_papers after insert on ledger_transactions for each row
      when (new.kind in ('funding', 'release', 'transfer', 'refunded', 'chargeback_lost')) execute function papers_are_due()`);
    this.addSql(`grant select on money_lines to safesend_app`);
    this.addSql(`grant select, insert on invoices, invoice_papers to safesend_app`);
    this.addSql(`grant select, insert, update on invoice_issuers to safesend_app`);
    this.addSql(`grant select, delete on papers_due to safesend_app`);
  }
}

type Line = readonly [booked: string, account: string, line: string, sign: 1 | -1];

function side(who: 'client' | 'freelancer', lines: readonly Line[]): string {
  const values = lines.map(([booked, account, line, sign]) => `('${booked}', '${account}', '${line}', ${sign})`);
  // The id of a line follows from what it stands for: a UUID of our own making (version 8).
  return `
    select overlay(overlay(md5(t.id::text || l.line) placing '8' from 13) placing '8' from 17)::uuid as id, h.${who}_id as user_id,
      l.line as kind, e.amount_minor * l.sign as amount_minor, e.currency, t.at, t.id as transaction_id, h.id as hold_id,
      h.milestone_id, h.project_id, h.room_id, h.processor = 'test-money' as is_test
    from holds h join ledger_transactions t on t.hold_id = h.id
      join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id
      join (values ${values.join(', ')}) as l (booked, account, line, sign) on l.booked = t.kind and l.account = a.kind`;
}
