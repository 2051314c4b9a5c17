import { Migration } from '@mikro-orm/migrations';

/** A payout is of the account that it was asked of: another one may take the place of that. */
export class Migration048_payouts_of_accounts extends Migration {
  override readonly name = '048_payouts_of_accounts';

  override up(): void {
    this.addSql(`alter table payouts add account_id text`);
    this.addSql(`
      update payouts p set account_id = a.account_id from payout_accounts a
      where a.user_id = p.user_id and a.processor = p.processor`);
    this.addSql(`alter table payouts alter column account_id set not null`);
    this.addSql(`create index payouts_account on payouts (account_id)`);
  }
}
