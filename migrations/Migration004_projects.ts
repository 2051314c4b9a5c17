import { Migration } from '@mikro-orm/migrations';

/** Projects, their planned milestones and the invitations into their rooms. */
export class Migration004_projects extends Migration {
  override readonly name = '004_projects';

  override up(): void {
    this.addSql(`
      create table projects (
        id uuid primary key,
        room_id uuid not null unique references rooms (id) deferrable initially deferred,
        title text not null,
        description text not null default '',
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        status text not null check (status in ('draft', 'active', 'completed', 'cancelled')),
        owner_id uuid not null references users (id),
        client_id uuid references users (id),
        freelancer_id uuid references users (id),
        created_at timestamptz(3) not null,
        activated_at timestamptz(3),
        completed_at timestamptz(3),
        cancelled_at timestamptz(3),
        deleted_at timestamptz(3),
        check (client_id <> freelancer_id)
      )`);
    this.addSql(`create index projects_owner on projects (owner_id)`);
    this.addSql(`
      create table milestones (
        id uuid primary key,
        project_id uuid not null references projects (id),
        title text not null,
        amount_minor bigint not null check (amount_minor > 0),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        due_at timestamptz(3),
        criteria text not null check (criteria <> ''),
        status text not null check (status in ('planned', 'cancelled')),
        position integer not null check (position > 0),
        created_at timestamptz(3) not null,
        unique (project_id, position) deferrable initially deferred
      )`);
    this.addSql(`
      create table invitations (
        id uuid primary key,
        project_id uuid not null references projects (id),
        inviter_id uuid not null references users (id),
        role text not null check (role in ('client', 'freelancer')),
        email text,
        user_id uuid references users (id),
        history text not null check (history in ('whole', 'join')),
        token_hash text not null unique,
        mailed_token_hash text not null unique,
        status text not null check (status in ('pending', 'accepted', 'declined', 'revoked')),
        accepted_by uuid references users (id),
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        check ((status = 'accepted') = (accepted_by is not null)),
        check ((email is null) <> (user_id is null))
      )`);
    this.addSql(`create index invitations_project on invitations (project_id)`);
    this.addSql(`create index invitations_user on invitations (user_id) where status = 'pending'`);
    this.addSql(`create index invitations_email on invitations (email) where status = 'pending'`);
    this.addSql(
      `create unique index invitations_one_user on invitations (project_id, user_id) where status = 'pending' and user_id is not null`,
    );
    this.addSql(
      `create unique index invitations_one_email on invitations (project_id, email) where status = 'pending' and email is not null`,
    );
    this.addSql(`
      create table project_archives (
        user_id uuid not null references users (id),
        project_id uuid not null references projects (id),
        primary key (user_id, project_id)
      )`);
    this.addSql(
      `grant select, insert, update, delete on projects, milestones, invitations, project_archives to safesend_app`,
    );
  }
}
