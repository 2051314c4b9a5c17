import { Migration } from '@mikro-orm/migrations';

/** What comes back: from a freelancer after a chargeback that was lost, and from a client's bank after a refund. */
export class Migration022_recovery extends Migration {
  override readonly name = '022_recovery';

  override up(): void {
    this.addSql(`
      alter table holds
        add owed_minor bigint not null default 0 check (owed_minor >= 0),
        add recovered_minor bigint not null default 0 check (recovered_minor >= 0),
        add credit_minor bigint not null default 0 check (credit_minor >= 0),
        add available_at timestamptz(3),
        -- Nobody owes more than was decided for him, and no credit is more than what was given back.
        add constraint holds_owed check (owed_minor + recovered_minor <= released_minor + releasing_minor - platform_fee_minor),
        add constraint holds_credit check (credit_minor <= refunded_minor)`);
    this.addSql(`
      alter table chargebacks
        add owed_minor bigint not null default 0 check (owed_minor >= 0),
        add evidence_due_at timestamptz(3)`);
    this.addSql(`alter table money_operations drop constraint money_operations_state_check`);
    this.addSql(`
      alter table money_operations add constraint money_operations_state_check check (state in
        ('queued', 'in_flight', 'waiting', 'pending', 'unknown', 'succeeded', 'failed', 'returned'))`);
    this.addSql(`
      update milestones set hold = hold || '{"owedMinor": 0, "recoveredMinor": 0, "creditMinor": 0, "availableAt": null}'
      where hold is not null`);
    this.addSql(`
      create or replace view money_lines as
      ${side('client', [
        ['funding', 'hold', 'funding', 1],
        ['funding', 'service_fee', 'service_fee', 1],
        ['refunded', 'refund_clearing', 'refund', 1],
        ['refund_returned', 'client_credit', 'refund_returned', 1],
        ['refunded_again', 'client_credit', 'refund', 1],
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
    // A refund that never arrived was decided all the same: it corrects the invoice. Paying its credit corrects nothing more.
    this.addSql(`drop trigger ledger_transactions_papers on ledger_transactions`);
    this.addSql(`
      create trigger ledger_transactions_papers after insert on ledger_transactions for each row
      when (new.kind in ('funding', 'release', 'transfer', 'refunded', 'refund_credited', 'chargeback_lost'))
      execute function papers_are_due()`);
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
