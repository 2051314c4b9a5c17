import { Migration } from '@mikro-orm/migrations';

/** A refund that came back did not arrive at all: also what of it a chargeback that was lost had brought the client before. */
export class Migration036_returned_refunds extends Migration {
  override readonly name = '036_returned_refunds';

  override up(): void {
    this.addSql(`
      create or replace view money_lines as
      ${side('client', [
        ['funding', 'hold', 'funding', 1],
        ['funding', 'service_fee', 'service_fee', 1],
        ['refunded', 'refund_clearing', 'refund', 1],
        ['refund_returned', 'processor_balance', 'refund_returned', -1],
        ['refunded_again', 'client_credit', 'refund', 1],
        ['credit_paid', 'client_credit', 'refund', 1],
        ['chargeback', 'dispute_suspense', 'chargeback', 1],
        ['chargeback_won', 'dispute_suspense', 'chargeback_won', 1],
        ['chargeback_appealed', 'processor_balance', 'chargeback_won', -1],
      ])}
      union all
      ${side('freelancer', [
        ['release', 'hold', 'release', 1],
        ['release', 'platform_fee', 'platform_fee', 1],
        ['chargeback_lost', 'receivable', 'reversal', -1],
        ['chargeback_won', 'receivable', 'reversal', -1],
        ['chargeback_lost', 'release_clearing', 'reversal', -1, 'withheld'],
        ['chargeback_won', 'release_clearing', 'reversal', -1, 'withheld'],
        ['chargeback_appealed', 'receivable', 'reversal', -1],
        ['chargeback_appealed', 'release_clearing', 'reversal', -1, 'withheld'],
      ])}
      union all
      select p.id, p.user_id, 'payout', -p.amount_minor, p.currency, p.created_at, null::uuid, null::uuid, null::uuid, null::uuid,
        null::uuid, p.processor = 'test-money'
      from payouts p where p.status <> 'failed'`);
  }
}

/** `apart`: a transaction may have two lines of this name. */
type Line = readonly [booked: string, account: string, line: string, sign: 1 | -1, apart?: string];

function side(who: 'client' | 'freelancer', lines: readonly Line[]): string {
  const values = lines.map(
    ([booked, account, line, sign, apart = '']) => `('${booked}', '${account}', '${line}', ${sign}, '${apart}')`,
  );
  // The id of a line follows from what it stands for: a UUID of our own making (version 8).
  return `
    select overlay(overlay(md5(t.id::text || l.line || l.apart) placing '8' from 13) placing '8' from 17)::uuid as id, h.${who}_id as user_id,
      l.line as kind, e.amount_minor * l.sign as amount_minor, e.currency, t.at, t.id as transaction_id, h.id as hold_id,
      h.milestone_id, h.project_id, h.room_id, h.processor = 'test-money' as is_test
    from holds h join ledger_transactions t on t.hold_id = h.id
      join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id
      join (values ${values.join(', ')}) as l (booked, account, line, sign, apart) on l.booked = t.kind and l.account = a.kind`;
}
