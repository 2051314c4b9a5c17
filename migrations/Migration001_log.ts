import { Migration } from '@mikro-orm/migrations';

/** The room log: heads, facts, payloads, memberships, command ids, and product time. */
export class Migration001_log extends Migration {
  override readonly name = '001_log';

  override up(): void {
    // One role without the right to change history; every pooled connection works as it.
    this.addSql(`
      do $$ begin
        if not exists (select from pg_roles where rolname = 'safesend_app') then
          begin create role safesend_app nologin; exception when duplicate_object or unique_violation then null; end;
        end if;
        execute format('grant safesend_app to %I', current_user);
      end $$`);

    // Product time: the database's clock plus an offset that only the test clock moves.
    this.addSql(
      `create table product_clock (only_row boolean primary key default true check (only_row), offset_seconds bigint not null default 0)`,
    );
    this.addSql(`insert into product_clock default values`);
    this.addSql(`
      create function product_now() returns timestamptz language sql stable parallel safe as
      $$ select date_trunc('milliseconds', clock_timestamp()) + (select offset_seconds from product_clock) * interval '1 second' $$`);

    this.addSql(`
      create table rooms (
        id uuid primary key,
        kind text not null check (kind in ('project', 'direct', 'dispute', 'note', 'inbox')),
        title text not null default '',
        created_at timestamptz(3) not null
      )`);
    this.addSql(`
      create table room_heads (
        room_id uuid primary key references rooms (id),
        seq bigint not null default 0,
        hash text not null default repeat('0', 64),
        epoch text not null default replace(gen_random_uuid()::text, '-', '')
      ) with (fillfactor = 50)`);
    this.addSql(`
      create table facts (
        room_id uuid not null references rooms (id),
        seq bigint not null check (seq > 0),
        id uuid not null,
        type text not null,
        actor_id uuid,
        at timestamptz(3) not null,
        subject_id uuid,
        counts_unread boolean not null,
        digest text not null,
        prev_hash text not null,
        hash text not null,
        primary key (room_id, seq)
      )`);
    this.addSql(`create unique index facts_id on facts (id)`);
    this.addSql(`create index facts_subject on facts (subject_id) where subject_id is not null`);
    this.addSql(`create index facts_unread on facts (room_id, seq) include (actor_id) where counts_unread`);
    this.addSql(`
      create table fact_payloads (
        room_id uuid not null,
        seq bigint not null,
        salt text,
        data json,
        primary key (room_id, seq),
        foreign key (room_id, seq) references facts (room_id, seq) deferrable initially deferred
      )`);
    this.addSql(`
      create table fact_redactions (
        room_id uuid not null,
        seq bigint not null,
        primary key (room_id, seq)
      )`);

    this.addSql(`
      create table memberships (
        id uuid primary key default gen_random_uuid(),
        room_id uuid not null references rooms (id),
        user_id uuid not null,
        role text not null check (role in ('client', 'freelancer')),
        from_seq bigint not null,
        joined_seq bigint not null,
        until_seq bigint,
        check (from_seq <= joined_seq),
        check (until_seq is null or until_seq >= joined_seq)
      )`);
    this.addSql(`create unique index memberships_now on memberships (room_id, user_id) where until_seq is null`);
    this.addSql(`create index memberships_of_user on memberships (user_id) where until_seq is null`);
    this.addSql(`create index memberships_past on memberships (room_id, user_id)`);
    this.addSql(`
      create table read_marks (
        room_id uuid not null references rooms (id),
        user_id uuid not null,
        seq bigint not null check (seq >= 0),
        primary key (room_id, user_id)
      ) with (fillfactor = 70)`);

    // A command id is unique per actor for ever; the answer is what a retry gets again.
    this.addSql(`
      create table commands (
        actor_id uuid not null,
        command_id text not null check (length(command_id) between 1 and 255),
        verb text not null,
        body_hash text not null,
        at timestamptz(3) not null,
        status smallint,
        answer json,
        primary key (actor_id, command_id)
      )`);

    this.addSql(
      `create table signing_keys (key_id text primary key, public_key text not null, created_at timestamptz not null default now())`,
    );

    this.addSql(`
      create function refuse_change() returns trigger language plpgsql as
      $$ begin raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation'; end $$`);
    for (const table of ['facts', 'fact_redactions']) {
      this.addSql(
        `create trigger ${table}_append_only before update or delete or truncate on ${table} for each statement execute function refuse_change()`,
      );
    }
    this.addSql(
      `create trigger fact_payloads_kept before delete or truncate on fact_payloads for each statement execute function refuse_change()`,
    );

    // The erasing role is the one that may blank a payload, and it may do nothing else.
    this.addSql(`
      do $$ begin
        if not exists (select from pg_roles where rolname = 'safesend_eraser') then
          begin create role safesend_eraser nologin; exception when duplicate_object or unique_violation then null; end;
        end if;
        execute format('grant safesend_eraser to %I', current_user);
      end $$`);
    this.addSql(`
      create function only_blank() returns trigger language plpgsql as
      $$ begin
        if new.data is not null or new.salt is not null or new.room_id <> old.room_id or new.seq <> old.seq then
          raise exception 'a payload may only be blanked' using errcode = 'restrict_violation';
        end if;
        return new;
      end $$`);
    this.addSql(
      `create trigger fact_payloads_blank before update on fact_payloads for each row execute function only_blank()`,
    );
    this.addSql(`grant select on fact_payloads to safesend_eraser`);
    this.addSql(`grant update (salt, data) on fact_payloads to safesend_eraser`);

    this.addSql(`grant usage on schema public to safesend_app`);
    this.addSql(`grant select, insert on facts, fact_payloads, fact_redactions to safesend_app`);
    this.addSql(
      `grant select, insert, update, delete on rooms, room_heads, memberships, read_marks, commands, signing_keys, product_clock to safesend_app`,
    );
  }
}
