import { Migration } from '@mikro-orm/migrations';

/** Milestones from plan to pay: states, what was handed in, agreed texts, clocks; and the processor of test money. */
export class Migration019_milestones extends Migration {
  override readonly name = '019_milestones';

  override up(): void {
    this.addSql(`
      alter table projects
        add platform_fee_bps integer not null default 1000 check (platform_fee_bps between 0 and 5000),
        add service_fee_bps integer not null default 350 check (service_fee_bps between 0 and 5000)`);
    // Copied from the project when it is planned: a milestone says by itself what it costs and brings.
    this.addSql(`
      alter table milestones
        add platform_fee_bps integer not null default 1000 check (platform_fee_bps between 0 and 5000),
        add service_fee_bps integer not null default 350 check (service_fee_bps between 0 and 5000)`);
    for (const table of ['projects', 'milestones'])
      this.addSql(`alter table ${table} alter platform_fee_bps drop default, alter service_fee_bps drop default`);
    this.addSql(`alter table milestones drop constraint milestones_status_check`);
    // What the room was told last about the money, the newest submission and what is asked: a snapshot says the same.
    this.addSql(`
      alter table milestones
        add revision integer not null default 1 check (revision > 0),
        add hold jsonb,
        add submission jsonb,
        add proposal jsonb,
        add cancellation jsonb,
        add waiting jsonb,
        add clocks jsonb not null default '[]',
        add disputed_from text,
        add constraint milestones_status_check check (status in ('planned', 'funding', 'funded', 'started', 'submitted',
          'changes_requested', 'approved', 'released', 'refunded', 'cancelled', 'disputed')),
        add constraint milestones_held check (status in ('planned', 'cancelled') or hold is not null)`);
    this.addSql(`
      create table submissions (
        id uuid primary key,
        milestone_id uuid not null references milestones (id),
        number integer not null check (number > 0),
        note text not null,
        files json not null,
        status text not null check (status in ('open', 'superseded', 'changes_requested', 'approved')),
        submitted_by uuid not null references users (id),
        submitted_at timestamptz(3) not null,
        changes text,
        answered_by uuid references users (id),
        answered_at timestamptz(3),
        unique (milestone_id, number)
      )`);
    this.addSql(`create unique index submissions_open on submissions (milestone_id) where status = 'open'`);
    this.addSql(`
      create table milestone_versions (
        milestone_id uuid not null references milestones (id),
        revision integer not null check (revision > 0),
        terms json not null,
        proposed_by uuid references users (id),
        accepted_by uuid references users (id),
        at timestamptz(3) not null,
        primary key (milestone_id, revision)
      )`);
    // Deadlines are rows with a due time, by product time; one that has fired or ended is gone.
    this.addSql(`
      create table clocks (
        id uuid primary key,
        milestone_id uuid not null references milestones (id),
        kind text not null,
        due_at timestamptz(3) not null
      )`);
    this.addSql(`create index clocks_due on clocks (due_at)`);
    this.addSql(`create unique index clocks_of_milestone on clocks (milestone_id, kind)`);
    this.addSql(`
      create table test_money_objects (
        id text primary key,
        kind text not null check (kind in ('customer', 'setup', 'method', 'payment', 'transfer', 'refund', 'reversal', 'account', 'payout', 'chargeback')),
        idempotency_key text unique,
        operation_id text,
        parent_id text,
        amount_minor bigint,
        currency text,
        status text not null,
        detail jsonb not null default '{}',
        created_at timestamptz(3) not null
      )`);
    this.addSql(`create index test_money_parent on test_money_objects (parent_id)`);
    this.addSql(`create index test_money_operation on test_money_objects (operation_id)`);
    this.addSql(
      `grant select, insert, update, delete on submissions, milestone_versions, clocks, test_money_objects to safesend_app`,
    );
  }
}
