import { Migration } from '@mikro-orm/migrations';

/** People, where they are signed in, and the tokens that speak for them. */
export class Migration002_accounts extends Migration {
  override readonly name = '002_accounts';

  override up(): void {
    this.addSql(`
      create table users (
        id uuid primary key,
        email text not null check (email = lower(email)),
        email_verified_at timestamptz(3),
        username text not null check (username = lower(username)),
        password_hash text,
        role text not null check (role in ('client', 'freelancer')),
        grants text[] not null default '{}' check (grants <@ array['mediator', 'admin']),
        inbox_room_id uuid not null unique references rooms (id) deferrable initially deferred,
        registration_key text unique,
        created_at timestamptz(3) not null
      )`);
    this.addSql(`create unique index users_email on users (email)`);
    this.addSql(`create unique index users_username on users (username)`);
    this.addSql(`
      create table profiles (
        user_id uuid primary key references users (id),
        display_name text not null,
        headline text not null default '',
        bio text not null default ''
      )`);
    this.addSql(`
      create table sessions (
        id text primary key,
        public_id uuid not null unique default gen_random_uuid(),
        user_id uuid not null references users (id),
        device text not null,
        created_at timestamptz(3) not null,
        last_used_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        absolute_expires_at timestamptz(3) not null,
        reauthenticated_at timestamptz(3) not null
      )`);
    this.addSql(`create index sessions_user on sessions (user_id)`);
    this.addSql(`
      create table api_tokens (
        id uuid primary key,
        user_id uuid not null references users (id),
        name text not null,
        token_hash text not null unique,
        scopes text[] not null check (scopes <@ array['read', 'write', 'money'] and cardinality(scopes) > 0),
        created_at timestamptz(3) not null,
        last_used_at timestamptz(3),
        expires_at timestamptz(3),
        revoked_at timestamptz(3)
      )`);
    this.addSql(`create index api_tokens_user on api_tokens (user_id)`);
    // What the kernel asks at every socket event and every second: is this credential still good?
    this.addSql(`
      create view live_credentials as
        select id as key, user_id from sessions where expires_at > product_now() and absolute_expires_at > product_now()
        union all
        select token_hash, user_id from api_tokens where revoked_at is null and (expires_at is null or expires_at > product_now())`);
    this.addSql(`
      create table account_links (
        token_hash text primary key,
        user_id uuid not null references users (id),
        purpose text not null check (purpose in ('verification', 'password_reset', 'sign_in')),
        email text,
        expires_at timestamptz(3) not null,
        used_at timestamptz(3)
      )`);
    this.addSql(`create index account_links_user on account_links (user_id, purpose)`);
    this.addSql(`
      create table blocks (
        user_id uuid not null references users (id),
        blocked_id uuid not null references users (id),
        created_at timestamptz(3) not null,
        primary key (user_id, blocked_id),
        check (user_id <> blocked_id)
      )`);
    this.addSql(`
      create table support_tickets (
        id uuid primary key,
        email text not null,
        user_id uuid references users (id),
        subject text not null,
        body text not null,
        created_at timestamptz(3) not null
      )`);
    this.addSql(`create table operator_settings (name text primary key, value json not null)`);
    this.addSql(
      `grant select, insert, update, delete on users, profiles, sessions, api_tokens, account_links, blocks, support_tickets, operator_settings to safesend_app`,
    );
    this.addSql(`grant select on live_credentials to safesend_app`);
  }
}
