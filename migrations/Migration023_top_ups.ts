import { Migration } from '@mikro-orm/migrations';

/** More than one payment may fill a hold: what moves its money names the payment it came with. */
export class Migration023_top_ups extends Migration {
  override readonly name = '023_top_ups';

  override up(): void {
    this.addSql(`
      update money_operations o set payment_id = (
        select p.id from payments p where p.hold_id = o.hold_id and p.status = 'succeeded' order by p.settled_at limit 1)
      where kind in ('transfer', 'refund') and payment_id is null`);
    this.addSql(`
      alter table money_operations add constraint money_operations_source
        check (kind not in ('transfer', 'refund') or payment_id is not null)`);
    this.addSql(`alter table chargebacks add payment_id uuid references payments (id)`);
    this.addSql(`
      update chargebacks c set payment_id = (
        select p.id from payments p where p.hold_id = c.hold_id and p.status = 'succeeded' order by p.settled_at limit 1)`);
    this.addSql(`alter table chargebacks alter payment_id set not null`);
    this.addSql(`create index chargebacks_payment on chargebacks (payment_id)`);
    // What goes back may have come with two payments, and then corrects two invoices.
    this.addSql(`alter table invoices drop constraint invoices_transaction_id_line_key`);
    this.addSql(`create unique index invoices_once on invoices (transaction_id, line, corrects_id) nulls not distinct`);
    this.addSql(`
      update milestones set proposal = proposal || jsonb_build_object('acceptedBy', null, 'money', jsonb_build_object(
        'topUpMinor', 0, 'serviceFeeMinor', 0, 'clientPaysMinor', 0,
        'refundMinor', amount_minor - (proposal #>> '{terms,amountMinor}')::bigint))
      where proposal is not null`);
  }
}
