import { Migration } from '@mikro-orm/migrations';

/** Messages as they stand, reactions, direct rooms and presence. */
export class Migration003_messages extends Migration {
  override readonly name = '003_messages';

  override up(): void {
    this.addSql(`
      create table messages (
        id uuid primary key,
        room_id uuid not null references rooms (id),
        author_id uuid not null,
        body text,
        reply_to uuid references messages (id),
        files json not null default '[]',
        mentions uuid[] not null default '{}',
        created_at timestamptz(3) not null,
        edited_at timestamptz(3),
        deleted_at timestamptz(3),
        check ((deleted_at is null) = (body is not null))
      )`);
    this.addSql(`
      create table reactions (
        message_id uuid not null references messages (id),
        emoji text not null,
        user_id uuid not null,
        place bigint generated always as identity,
        primary key (message_id, emoji, user_id)
      )`);
    this.addSql(`
      create table direct_rooms (
        room_id uuid primary key references rooms (id) deferrable initially deferred,
        first_id uuid not null references users (id),
        second_id uuid not null references users (id),
        unique (first_id, second_id),
        check (first_id < second_id)
      )`);
    // The one rule of unread: messages, money and milestones after my mark, not mine, not deleted, and mine to see.
    this.addSql(`
      create function unread_count(of_room uuid, person uuid) returns bigint language sql stable as
      $$ select count(*) from facts f
         where f.room_id = of_room and f.counts_unread
           and f.seq > coalesce((select r.seq from read_marks r where r.room_id = of_room and r.user_id = person), 0)
           and f.actor_id is distinct from person
           and exists (select from memberships m where m.room_id = of_room and m.user_id = person
                       and f.seq >= m.from_seq and (m.until_seq is null or f.seq <= m.until_seq))
           and not exists (select from fact_redactions x where x.room_id = f.room_id and x.seq = f.seq) $$`);
    // Presence is worth nothing after a crash: unlogged, and read only while its process is alive.
    this.addSql(`create unlogged table processes (id uuid primary key, seen_at timestamptz not null)`);
    this.addSql(`
      create unlogged table presence (
        process_id uuid not null,
        user_id uuid not null,
        status text not null check (status in ('online', 'away')),
        primary key (user_id, process_id)
      )`);
    this.addSql(
      `grant select, insert, update, delete on messages, reactions, direct_rooms, processes, presence to safesend_app`,
    );
  }
}
