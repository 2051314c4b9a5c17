import { Migration } from '@mikro-orm/migrations';

/** Whoever is away is mailed what he has not read. */
export class Migration032_notification_mails extends Migration {
  override readonly name = '032_notification_mails';

  override up(): void {
    this.addSql(`
      create table notification_preferences (
        user_id uuid not null references users (id),
        kind_group text not null,
        email boolean not null,
        primary key (user_id, kind_group)
      )`);
    // When the last mail was written: the next one waits, and two workers that want to write wait for each other.
    this.addSql(`
      create table notification_mails (
        user_id uuid primary key references users (id),
        last_at timestamptz(3)
      )`);
    // Null once it was decided. So it is for what was raised before there were such mails: an upgrade mails nobody his past.
    this.addSql(`alter table notifications add column mail_due_at timestamptz(3)`);
    this.addSql(
      `create index notifications_mail_due on notifications (mail_due_at) where mail_due_at is not null and read_at is null`,
    );
    this.addSql(`grant select, insert, update, delete on notification_preferences, notification_mails to safesend_app`);
  }
}
