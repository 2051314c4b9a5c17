import { Migration } from '@mikro-orm/migrations';

/** Who is told of money is told how much. What was told before stays as it was. */
export class Migration034_notified_amounts extends Migration {
  override readonly name = '034_notified_amounts';

  override up(): void {
    this.addSql(`
      alter table notifications add column amount_minor bigint check (amount_minor > 0), add column currency text,
        add constraint notifications_amount check ((amount_minor is null) = (currency is null))`);
  }
}
