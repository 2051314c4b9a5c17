import { Migration } from '@mikro-orm/migrations';

/** A download may come in many ranges: its receipt knows which bytes went out, and when the last of them did. */
export class Migration014_downloads extends Migration {
  override readonly name = '014_downloads';

  override up(): void {
    this.addSql(`alter table download_receipts add column covered int8multirange not null default '{}'`);
    this.addSql(`alter table download_receipts add column last_at timestamptz(3) not null default product_now()`);
    this.addSql(`alter table download_receipts alter column last_at drop default`);
    this.addSql(`alter table download_receipts alter column covered drop default`);
  }
}
