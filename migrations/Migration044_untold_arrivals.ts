import { Migration } from '@mikro-orm/migrations';

/**
 * What has arrived and was told nobody yet is looked for again and again: that is rarely more than nothing. What was counted
 * as told because its sister waited when 039 came (while the sister was on its way, it had been told nobody) is told after
 * all, where the log is certain of it: its fact says that more is on its way, and no later one of the decision says less.
 */
export class Migration044_untold_arrivals extends Migration {
  override readonly name = '044_untold_arrivals';

  override up(): void {
    this.addSql(`
      create index money_operations_untold on money_operations (hold_id)
      where told_at is null and kind in ('transfer', 'refund') and state = 'succeeded' and amount_minor > 0`);
    this.addSql(`
      with part as (
        select o.id, o.decision_id, f.seq, coalesce((p.data -> 'together' ->> 'more')::boolean, false) as more
        from money_operations o join ledger_transactions l on l.hold_id = o.hold_id and l.operation_id = o.id
          join facts f on f.id = l.fact_id join fact_payloads p on p.room_id = f.room_id and p.seq = f.seq
        where o.decision_id is not null and l.kind in ('transfer', 'refunded')
      ), untold as (
        select id, decision_id from part p where more and not exists (
          select from part later where later.decision_id = p.decision_id and later.seq > p.seq and not later.more)
      )
      update money_operations o set told_at = null
      where o.state = 'succeeded' and o.told_at = coalesce(o.settled_at, o.created_at) and (
        o.id in (select id from untold)
        -- What is nothing but fee has no fact of its own: it is told with the first that is.
        or o.amount_minor = 0 and o.decision_id in (select decision_id from untold)
          and not exists (select from part p where p.decision_id = o.decision_id and not p.more))`);
  }
}
