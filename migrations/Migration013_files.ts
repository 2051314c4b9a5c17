import { Migration } from '@mikro-orm/migrations';

/** Files, their versions and bytes, uploads under way, previews, links, receipts and who uses how much room. */
export class Migration013_files extends Migration {
  override readonly name = '013_files';

  override up(): void {
    // The bytes of one upload. A row without bytes cannot be cited; bytes without a row are swept.
    this.addSql(`
      create table file_objects (
        id uuid primary key,
        storage_key text not null unique,
        sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
        size bigint not null check (size >= 0),
        type text not null,
        scan text not null check (scan in ('clean', 'unscanned')),
        created_at timestamptz(3) not null,
        verified_at timestamptz(3) not null,
        damaged_at timestamptz(3)
      )`);
    this.addSql(`create index file_objects_verified on file_objects (verified_at)`);
    this.addSql(`
      create table files (
        id uuid primary key,
        room_id uuid not null references rooms (id),
        name text not null check (octet_length(name) between 1 and 255),
        dropped_by uuid not null references users (id),
        dropped_at timestamptz(3) not null,
        dropped_seq bigint,
        current_version integer not null check (current_version > 0),
        removed_at timestamptz(3),
        removed_by uuid references users (id),
        joined_into uuid references files (id) deferrable initially deferred,
        check ((removed_at is null) = (removed_by is null)),
        check (joined_into is null or removed_at is not null)
      )`);
    this.addSql(`create index files_room on files (room_id, dropped_seq desc)`);
    this.addSql(`
      create table file_versions (
        file_id uuid not null references files (id),
        version integer not null check (version > 0),
        object_id uuid references file_objects (id) on delete set null,
        size bigint not null check (size >= 0),
        type text not null,
        kind text not null check (kind in ('image', 'video', 'audio', 'pdf', 'text', 'archive', 'other')),
        sha256 text not null,
        scan text not null check (scan in ('clean', 'unscanned')),
        created_by uuid not null references users (id),
        created_at timestamptz(3) not null,
        restored_from integer,
        seq bigint,
        primary key (file_id, version)
      )`);
    this.addSql(`create index file_versions_object on file_versions (object_id)`);
    this.addSql(`create index file_versions_creator on file_versions (created_by)`);
    this.addSql(`
      alter table files add foreign key (id, current_version) references file_versions (file_id, version)
        deferrable initially deferred`);
    // What somebody was shown under a number and a hash is what everybody gets under it for ever.
    this.addSql(`
      create function refuse_new_content() returns trigger language plpgsql as
      $$ begin raise exception 'a version never changes'; end $$`);
    this.addSql(`
      create trigger version_is_final before update on file_versions for each row
      when ((old.file_id, old.version, old.sha256, old.size, old.type, old.created_by)
        is distinct from (new.file_id, new.version, new.sha256, new.size, new.type, new.created_by)
        or (old.seq is not null and old.seq is distinct from new.seq)
        or (new.object_id is not null and old.object_id is distinct from new.object_id))
      execute function refuse_new_content()`);
    // Which message brought which file: it takes the file along when it is deleted.
    this.addSql(`
      create table file_citations (
        message_id uuid not null references messages (id),
        file_id uuid not null,
        version integer not null,
        primary key (message_id, file_id, version),
        foreign key (file_id, version) references file_versions (file_id, version)
      )`);
    this.addSql(`create index file_citations_file on file_citations (file_id)`);
    this.addSql(`
      create table uploads (
        id uuid primary key,
        user_id uuid not null references users (id),
        command_id text not null,
        room_id uuid not null references rooms (id),
        file_id uuid references files (id),
        name text not null,
        size bigint not null check (size >= 0),
        -- Said by the sender, when he knows it.
        sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
        -- Where its bytes are going, noted before they go there: what becomes nothing is found and removed.
        storage_key text,
        status text not null check (status in ('open', 'done', 'refused', 'ended')),
        reason text,
        result_file_id uuid,
        result_version integer,
        result_seq bigint,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        holder uuid,
        held_until timestamptz,
        wanted boolean not null default false,
        unique (user_id, command_id),
        check ((status = 'done') = (result_seq is not null)),
        check ((status = 'refused') = (reason is not null))
      )`);
    this.addSql(`create index uploads_open on uploads (expires_at) where status = 'open'`);
    // One row per person and per room: a promise of room is one conditional update, so no two uploads share a last byte.
    this.addSql(`
      create table storage_usage (
        owner_id uuid primary key,
        bytes bigint not null default 0 check (bytes >= 0),
        files integer not null default 0 check (files >= 0),
        limit_bytes bigint check (limit_bytes >= 0)
      )`);
    this.addSql(`
      create table file_previews (
        object_id uuid not null references file_objects (id) on delete cascade,
        variant text not null check (variant in ('thumbnail', 'view')),
        status text not null check (status in ('ready', 'none')),
        storage_key text unique,
        type text,
        size bigint,
        width integer check (width > 0),
        height integer check (height > 0),
        made_at timestamptz(3) not null,
        primary key (object_id, variant),
        check ((status = 'ready') = (storage_key is not null and type is not null and size is not null))
      )`);
    this.addSql(`
      create table share_links (
        id uuid primary key,
        file_id uuid not null,
        version integer not null,
        created_by uuid not null references users (id),
        token_hash text not null unique,
        password_hash text,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        revoked_at timestamptz(3),
        downloads integer not null default 0,
        foreign key (file_id, version) references file_versions (file_id, version)
      )`);
    this.addSql(`create index share_links_file on share_links (file_id)`);
    this.addSql(`
      create table download_receipts (
        id uuid primary key,
        file_id uuid not null,
        version integer not null,
        user_id uuid references users (id),
        share_link_id uuid references share_links (id),
        at timestamptz(3) not null,
        complete boolean not null,
        foreign key (file_id, version) references file_versions (file_id, version),
        check ((user_id is null) <> (share_link_id is null))
      )`);
    this.addSql(`create index download_receipts_file on download_receipts (file_id, at desc)`);
    this.addSql(`
      create table avatars (
        user_id uuid primary key references users (id),
        id uuid not null unique,
        storage_key text not null,
        size bigint not null,
        created_at timestamptz(3) not null
      )`);
    this.addSql(
      `grant select, insert, update, delete on file_objects, files, file_versions, file_citations, uploads, storage_usage,
         file_previews, share_links, download_receipts, avatars to safesend_app`,
    );
  }
}
