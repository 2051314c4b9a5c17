import { Migration } from '@mikro-orm/migrations';

/** Keys that sign somebody in by themselves, and what browsers were asked to sign: once, and not for long. */
export class Migration026_passkeys extends Migration {
  override readonly name = '026_passkeys';

  override up(): void {
    this.addSql(`
      create table passkeys (
        id uuid primary key,
        user_id uuid not null references users (id) on delete cascade,
        credential_id text not null unique,
        public_key text not null,
        counter bigint not null check (counter >= 0),
        transports text[] not null,
        name text not null check (name <> ''),
        created_at timestamptz(3) not null,
        last_used_at timestamptz(3)
      )`);
    this.addSql(`create index passkeys_user on passkeys (user_id)`);
    this.addSql(`
      create table passkey_challenges (
        attempt_hash text primary key,
        challenge text not null,
        purpose text not null check (purpose in ('creation', 'sign_in', 'reauthentication')),
        session_id text references sessions (id) on delete cascade,
        expires_at timestamptz(3) not null,
        check ((session_id is null) = (purpose = 'sign_in'))
      )`);
    this.addSql(`create index passkey_challenges_session on passkey_challenges (session_id)`);
    this.addSql(`create index passkey_challenges_expiry on passkey_challenges (expires_at)`);
    this.addSql(`grant select, insert, update, delete on passkeys, passkey_challenges to safesend_app`);
  }
}
