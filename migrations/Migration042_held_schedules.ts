import { Migration } from '@mikro-orm/migrations';

/** While somebody owes what a lost chargeback took, the processor pays nothing out for him by itself; what he chose is kept. */
export class Migration042_held_schedules extends Migration {
  override readonly name = '042_held_schedules';

  override up(): void {
    this.addSql(`alter table payout_accounts add is_held boolean not null default false`);
  }
}
