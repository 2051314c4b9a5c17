import { Migration } from '@mikro-orm/migrations';

/** Whoever goes leaves what he said and did; nothing that tells who he was, and no way in. */
export class Migration033_closed_accounts extends Migration {
  override readonly name = '033_closed_accounts';

  override up(): void {
    this.addSql(`alter table users add column closed_at timestamptz`);
    this.addSql(
      `alter table users add constraint users_closed check (closed_at is null or (password_hash is null and email_verified_at is null))`,
    );
  }
}
