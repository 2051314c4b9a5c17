import { Migration } from '@mikro-orm/migrations';

/**
 * What a message costs. A fact, its payload and its message are written by one statement under the lock of a head whose
 * room exists and cannot go away, so asking row by row whether the room is there found nothing and took a third of the
 * time; the question about payloads, asked at commit by a plan from when the table was empty, read the whole table.
 */
export class Migration007_hot_path extends Migration {
  override readonly name = '007_hot_path';

  override up(): void {
    this.addSql(`alter table fact_payloads drop constraint fact_payloads_room_id_seq_fkey`);
    this.addSql(`alter table facts drop constraint facts_room_id_fkey`);
    this.addSql(`alter table messages drop constraint messages_room_id_fkey`);
    this.addSql(`revoke delete on rooms, room_heads from safesend_app`);

    // Who is in a room is read once per version. The version moves with every change of a membership, whoever makes it,
    // and under the head's lock: what was read under that lock stays true until the number is another.
    this.addSql(`alter table room_heads add column members_version bigint not null default 0`);
    this.addSql(`
      create function members_changed() returns trigger language plpgsql as
      $$ begin
        update room_heads set members_version = members_version + 1 where room_id = coalesce(new.room_id, old.room_id);
        return null;
      end $$`);
    this.addSql(
      `create trigger memberships_version after insert or update or delete on memberships for each row execute function members_changed()`,
    );
  }
}
