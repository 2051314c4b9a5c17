import { Migration } from '@mikro-orm/migrations';

/** What came in by itself is tried again, cards are forgotten for good, and what differs between the books is kept. */
export class Migration020_processor extends Migration {
  override readonly name = '020_processor';

  override up(): void {
    this.addSql(`alter table processor_events add next_at timestamptz not null default now()`);
    this.addSql(`drop index processor_events_open`);
    this.addSql(`create index processor_events_open on processor_events (next_at) where state = 'received'`);
    this.addSql(`create index processor_events_parked on processor_events (received_at) where state = 'parked'`);
    this.addSql(`alter table card_setups add test_card text`);
    // A card leaves the processor after it has left here.
    this.addSql(`alter table payment_methods add detached_at timestamptz(3)`);
    this.addSql(
      `create index payment_methods_leaving on payment_methods (removed_at) where removed_at is not null and detached_at is null`,
    );
    this.addSql(`create index payouts_pending on payouts (created_at) where status = 'pending'`);
    // One row per thing that differs, until a later comparison finds it right.
    this.addSql(`
      create table processor_differences (
        processor text not null,
        kind text not null check (kind in ('payment', 'transfer', 'refund', 'reversal', 'chargeback')),
        object_id text not null,
        what text not null check (what in ('missing', 'unknown', 'amount', 'currency', 'status')),
        ours text,
        theirs text,
        -- Whose releases wait for it. Nobody's in particular: everybody's.
        freelancer_id uuid references users (id),
        since timestamptz(3) not null,
        found_at timestamptz(3) not null,
        primary key (processor, kind, object_id)
      )`);
    this.addSql(`
      create table reconciliations (
        id uuid primary key,
        processor text not null,
        since timestamptz(3) not null,
        compared integer not null,
        differences integer not null,
        finished_at timestamptz(3) not null
      )`);
    this.addSql(`grant select, insert, update, delete on processor_differences, reconciliations to safesend_app`);
  }
}
