import { Migration } from '@mikro-orm/migrations';

/** Papers say what the books say after a chargeback as well, and tell of one decision once, however many payments it is paid from. */
export class Migration037_agreeing_papers extends Migration {
  override readonly name = '037_agreeing_papers';

  override up(): void {
    // The ledger transaction of the release or refund it carries out; of one from before this it is not known.
    this.addSql(`alter table money_operations add column decision_id uuid`);
    this.addSql(
      `create index money_operations_decision on money_operations (decision_id) where decision_id is not null`,
    );
    // Whatever changes what banks took of a payment may change what its invoices still say.
    this.addSql(`drop trigger ledger_transactions_papers on ledger_transactions`);
    this.addSql(`
      create trigger ledger_transactions_papers after insert on ledger_transactions for each row
      when (new.kind in ('funding', 'release', 'transfer', 'refunded', 'refund_credited', 'refund_returned', 'credit_covered',
        'chargeback_lost', 'chargeback_won', 'chargeback_appealed'))
      execute function papers_are_due()`);
    // The fees that chargebacks of before gave back have no credit notes yet, nor those that were won on appeal new invoices.
    this.addSql(`
      insert into papers_due (transaction_id, at)
      select t.id, t.at from ledger_transactions t join chargebacks c on c.id::text = t.object_id
      where t.kind = 'chargeback_appealed' or (t.kind = 'chargeback_lost' and c.status = 'lost') on conflict do nothing`);
  }
}
