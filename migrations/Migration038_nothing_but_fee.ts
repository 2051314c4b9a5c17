import { Migration } from '@mikro-orm/migrations';

/** A part of a release that is nothing but fee is sent nowhere: its operation is done when it is decided. */
export class Migration038_nothing_but_fee extends Migration {
  override readonly name = '038_nothing_but_fee';

  override up(): void {
    this.addSql(`alter table money_operations drop constraint money_operations_amount_minor_check`);
    this.addSql(`
      alter table money_operations add constraint money_operations_amount_minor_check check
        (amount_minor > 0 or (amount_minor = 0 and kind = 'transfer' and gross_minor > 0 and state = 'succeeded'))`);
  }
}
