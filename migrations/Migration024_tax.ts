import { Migration } from '@mikro-orm/migrations';

/** What a person who issues invoices says about his tax; each paper keeps what it was when it was issued. */
export class Migration024_tax extends Migration {
  override readonly name = '024_tax';

  override up(): void {
    this.addSql(`
      create table tax_details (
        user_id uuid primary key references users (id),
        label text not null check (length(label) between 1 and 20),
        number text check (length(number) between 1 and 40),
        rate_bps integer not null check (rate_bps between 0 and 5000),
        updated_at timestamptz(3) not null
      )`);
    this.addSql(`grant select, insert, update, delete on tax_details to safesend_app`);
  }
}
