import { Migration } from '@mikro-orm/migrations';

/**
 * Of chargebacks that were lost before it was kept what the freelancer owes for them (022), the books alone say it: it is
 * written beside them, where a hold has room for it. Their papers took back as much of the platform's fee as if he owed
 * nothing (037); what was too much is due to be invoiced again. A loss of since has the same figure in both places.
 */
export class Migration041_owed_before extends Migration {
  override readonly name = '041_owed_before';

  override up(): void {
    this.addSql(`
      with old as (
        select c.id, c.hold_id, t.id as transaction_id, t.at, sum(e.amount_minor) as owed
        from chargebacks c join ledger_transactions t on t.object_id = c.id::text and t.kind = 'chargeback_lost'
          join ledger_entries e on e.transaction_id = t.id
          join ledger_accounts a on a.id = e.account_id and a.kind = 'receivable'
        where c.status = 'lost' and c.owed_minor = 0 and e.amount_minor > 0 group by c.id, t.id
      ), owing as (
        update holds h set owed_minor = h.owed_minor + o.minor
        from (select hold_id, sum(owed) as minor from old group by hold_id) o
        where h.id = o.hold_id
          and h.owed_minor + h.recovered_minor + o.minor <= h.released_minor + h.releasing_minor - h.platform_fee_minor
        returning h.id, h.milestone_id, h.owed_minor
      ), shown as (
        update milestones m set hold = m.hold || jsonb_build_object('owedMinor', o.owed_minor) from owing o
        where m.id = o.milestone_id and m.hold is not null
      ), kept as (
        update chargebacks c set owed_minor = old.owed from old join owing on owing.id = old.hold_id where c.id = old.id
        returning old.transaction_id, old.at
      )
      insert into papers_due (transaction_id, at) select transaction_id, at from kept on conflict do nothing`);
  }
}
