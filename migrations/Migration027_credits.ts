import { Migration } from '@mikro-orm/migrations';

/** A client may get what he is owed another way than he paid; and several chargebacks of a payment share what it brought. */
export class Migration027_credits extends Migration {
  override readonly name = '027_credits';

  override up(): void {
    this.addSql(`alter table ledger_accounts drop constraint ledger_accounts_kind_check`);
    this.addSql(`
      alter table ledger_accounts add constraint ledger_accounts_kind_check check (kind in ('processor_balance', 'bank',
        'dispute_suspense', 'receivable', 'hold', 'client_credit', 'refund_clearing', 'release_clearing', 'platform_fee',
        'service_fee', 'processor_fee', 'dispute_fee', 'chargeback_loss'))`);
    // By the payment whose refund had come back: that much of it is not given back once more.
    this.addSql(`
      create table credit_payments (
        transaction_id uuid not null references ledger_transactions (id) deferrable initially deferred,
        hold_id uuid not null references holds (id),
        payment_id uuid not null references payments (id),
        amount_minor bigint not null check (amount_minor > 0),
        reference text not null check (length(reference) between 1 and 200),
        paid_at timestamptz(3) not null,
        primary key (payment_id, transaction_id)
      )`);
    this.addSql(
      `create trigger credit_payments_append_only before update or delete or truncate on credit_payments for each statement execute function refuse_change()`,
    );
    this.addSql(`grant select, insert on credit_payments to safesend_app`);

    this.addSql(`alter table chargebacks add share_minor bigint check (share_minor between 0 and amount_minor)`);
    this.addSql(`
      update chargebacks c set share_minor = least(c.amount_minor, p.amount_minor) from payments p where p.id = c.payment_id`);
    this.addSql(`alter table chargebacks alter share_minor set not null`);

    this.addSql(`
      create or replace view money_lines as
      ${side('client', [
        ['funding', 'hold', 'funding', 1],
        ['funding', 'service_fee', 'service_fee', 1],
        ['refunded', 'refund_clearing', 'refund', 1],
        ['refund_returned', 'client_credit', 'refund_returned', 1],
        ['refunded_again', 'client_credit', 'refund', 1],
        ['credit_paid', 'client_credit', 'refund', 1],
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
