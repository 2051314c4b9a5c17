import { Migration } from '@mikro-orm/migrations';

/** A payout schedule of which the processor is to hear: that was decided, and nobody knows yet whether it has. */
export class Migration046_due_schedules extends Migration {
  override readonly name = '046_due_schedules';

  override up(): void {
    this.addSql(`alter table payout_accounts add is_schedule_due boolean not null default false`);
  }
}
