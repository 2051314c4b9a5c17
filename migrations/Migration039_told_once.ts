import { Migration } from '@mikro-orm/migrations';

/** People are told of what has arrived of a release or refund once, however many payments it is paid from and whenever each arrives. */
export class Migration039_told_once extends Migration {
  override readonly name = '039_told_once';

  override up(): void {
    this.addSql(`alter table money_operations add column told_at timestamptz(3)`);
    // Until now it was told as it arrived, unless more of it was on its way.
    this.addSql(`
      update money_operations o set told_at = coalesce(settled_at, created_at)
      where o.kind in ('transfer', 'refund') and o.state = 'succeeded' and not exists (
        select from money_operations c where c.decision_id = o.decision_id and c.state in ('queued', 'in_flight', 'unknown'))`);
  }
}
