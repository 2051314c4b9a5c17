import { Migration } from '@mikro-orm/migrations';

/** What each person was told. */
export class Migration005_notifications extends Migration {
  override readonly name = '005_notifications';

  override up(): void {
    this.addSql(`
      create table notifications (
        id uuid primary key,
        user_id uuid not null references users (id),
        inbox_seq bigint not null,
        kind text not null,
        room_id uuid references rooms (id),
        seq bigint,
        actor_name text not null,
        room_title text not null,
        subject text not null default '',
        invitation_id uuid,
        created_at timestamptz(3) not null,
        read_at timestamptz(3),
        unique (user_id, inbox_seq)
      )`);
    this.addSql(`create index notifications_unread on notifications (user_id, inbox_seq) where read_at is null`);
    this.addSql(
      `create index notifications_invitation on notifications (invitation_id) where invitation_id is not null`,
    );
    this.addSql(`grant select, insert, update on notifications to safesend_app`);
  }
}
