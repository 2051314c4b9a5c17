import { Migration } from '@mikro-orm/migrations';

/** Asked at every read mark and every message: what is unread here for this person? */
export class Migration006_notifications_by_room extends Migration {
  override readonly name = '006_notifications_by_room';

  override up(): void {
    this.addSql(
      `create index notifications_unread_in_room on notifications (user_id, room_id, seq) where read_at is null`,
    );
  }
}
