import { Migration } from '@mikro-orm/migrations';

/** What a person lets the others in a room know: how far he has read, and what time it is for him. */
export class Migration008_people extends Migration {
  override readonly name = '008_people';

  override up(): void {
    this.addSql(`
      alter table profiles
        add column read_receipts boolean not null default true,
        add column time_zone text check (length(time_zone) between 1 and 64)`);
    // How far the log itself shows that somebody read: what he posted, and his joining. All that others may know of
    // a person without read receipts.
    this.addSql(`alter table read_marks add column spoken_seq bigint not null default 0 check (spoken_seq >= 0)`);
    this.addSql(`
      update read_marks r set spoken_seq = greatest(0,
        (select max(m.joined_seq) from memberships m where m.room_id = r.room_id and m.user_id = r.user_id),
        (select max(f.seq) from facts f
         where f.room_id = r.room_id and f.actor_id = r.user_id and f.type = 'message.posted'))`);
  }
}
