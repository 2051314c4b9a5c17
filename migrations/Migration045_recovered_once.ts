import { Migration } from '@mikro-orm/migrations';

/** What is taken back of a hold by several transfers is told once. Until now each part was told as it came. */
export class Migration045_recovered_once extends Migration {
  override readonly name = '045_recovered_once';

  override up(): void {
    this.addSql(`
      update money_operations set told_at = coalesce(settled_at, created_at)
      where kind = 'reversal' and state = 'succeeded'`);
    this.addSql(`drop index money_operations_untold`);
    this.addSql(`
      create index money_operations_untold on money_operations (hold_id) where told_at is null
        and kind in ('transfer', 'refund', 'reversal') and state = 'succeeded' and amount_minor > 0`);
  }
}
