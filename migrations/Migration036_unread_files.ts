import { Migration } from '@mikro-orm/migrations';

/** Files count as unread, until a message of the same person brings them along or they are removed. */
export class Migration036_unread_files extends Migration {
  override readonly name = '036_unread_files';

  override up(): void {
    // What counted and counts no longer, though nothing of it was taken back: it stands for good, as the fact does.
    this.addSql(`
      create table facts_settled (
        room_id uuid not null,
        seq bigint not null,
        primary key (room_id, seq)
      )`);
    this.addSql(`grant select, insert on facts_settled to safesend_app`);
    this.addSql(`
      insert into facts_settled (room_id, seq)
      select f.room_id, v.seq from file_versions v join files f on f.id = v.file_id
      where v.seq is not null and (f.removed_at is not null or exists (
        select from file_citations c join messages m on m.id = c.message_id
          join facts x on x.room_id = f.room_id and x.seq = v.seq
        where c.file_id = v.file_id and c.version = v.version and m.author_id = x.actor_id))`);
    // Whether a fact counts is no part of what is hashed, and its log stays as it is.
    this.addSql(`alter table facts disable trigger facts_append_only`);
    this.addSql(`update facts set counts_unread = true where type in ('file.dropped', 'file.versioned')`);
    this.addSql(`alter table facts enable trigger facts_append_only`);
    // The one rule of unread: what counts after my mark, is not mine, not deleted, not settled, and mine to see.
    this.addSql(`
      create or replace function unread_count(of_room uuid, person uuid) returns bigint language sql stable as
      $$ select count(*) from facts f
         where f.room_id = of_room and f.counts_unread
           and f.seq > coalesce((select r.seq from read_marks r where r.room_id = of_room and r.user_id = person), 0)
           and f.actor_id is distinct from person
           and exists (select from memberships m where m.room_id = of_room and m.user_id = person
                       and f.seq >= m.from_seq and (m.until_seq is null or f.seq <= m.until_seq))
           and not exists (select from fact_redactions x where x.room_id = f.room_id and x.seq = f.seq)
           and not exists (select from facts_settled s where s.room_id = f.room_id and s.seq = f.seq) $$`);
  }
}
