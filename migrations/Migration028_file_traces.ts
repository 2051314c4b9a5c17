import { Migration } from '@mikro-orm/migrations';

/** What files leave behind ends and stays small: pictures of nobody are found without listing the store, dead links stay dead, receipts are one a day. */
export class Migration028_file_traces extends Migration {
  override readonly name = '028_file_traces';

  override up(): void {
    // Noted before anything is stored under it, and again when its person has another one.
    this.addSql(`
      create table loose_pictures (
        storage_prefix text primary key,
        since timestamptz(3) not null
      )`);
    this.addSql(`grant select, insert, delete on loose_pictures to safesend_app`);
    // A link is revoked with its maker's membership; those whose maker is gone, or was gone meanwhile, now.
    this.addSql(`
      update share_links l set revoked_at = product_now()
      where l.revoked_at is null and not exists (
        select from files f join memberships m on m.room_id = f.room_id and m.user_id = l.created_by
          join facts joined on joined.room_id = m.room_id and joined.seq = m.joined_seq
        where f.id = l.file_id and m.until_seq is null and joined.at <= l.created_at)`);
    this.addSql(`create index share_links_maker on share_links (created_by) where revoked_at is null`);
    this.#receiptsOfADay();
  }

  #receiptsOfADay(): void {
    this.addSql(`alter table download_receipts add column day date, add column downloads integer not null default 1`);
    this.addSql(`update download_receipts set day = (at at time zone 'UTC')::date`);
    this.addSql(`
      update download_receipts r set downloads = d.downloads, last_at = d.last_at, covered = d.covered, complete = d.complete
      from (select min(id::text)::uuid as id, count(*)::int as downloads, max(last_at) as last_at, range_agg(covered) as covered,
              bool_or(complete) as complete
            from download_receipts group by file_id, version, coalesce(user_id, share_link_id), day) d
      where r.id = d.id and d.downloads > 1`);
    this.addSql(`
      delete from download_receipts r using download_receipts first
      where first.file_id = r.file_id and first.version = r.version and first.day = r.day and first.id < r.id
        and coalesce(first.user_id, first.share_link_id) = coalesce(r.user_id, r.share_link_id)`);
    this.addSql(`alter table download_receipts alter column day set not null, alter column downloads drop default`);
    this.addSql(`
      create unique index download_receipts_day
        on download_receipts (file_id, version, (coalesce(user_id, share_link_id)), day)`);
  }
}
