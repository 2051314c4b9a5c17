import { Migration } from '@mikro-orm/migrations';

/** Holds, payments, every operation that moves money, and what the processor said by itself. */
export class Migration018_holds extends Migration {
  override readonly name = '018_holds';

  override up(): void {
    this.addSql(`
      create table holds (
        id uuid primary key,
        milestone_id uuid not null unique,
        room_id uuid not null references rooms (id),
        project_id uuid not null,
        client_id uuid not null references users (id),
        freelancer_id uuid not null references users (id),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        platform_fee_bps integer not null check (platform_fee_bps between 0 and 5000),
        service_fee_bps integer not null check (service_fee_bps between 0 and 5000),
        processor text not null check (processor in ('stripe', 'test-money')),
        funded_minor bigint not null default 0,
        held_minor bigint not null default 0 check (held_minor >= 0),
        frozen_minor bigint not null default 0 check (frozen_minor >= 0),
        releasing_minor bigint not null default 0 check (releasing_minor >= 0),
        refunding_minor bigint not null default 0 check (refunding_minor >= 0),
        released_minor bigint not null default 0 check (released_minor >= 0),
        refunded_minor bigint not null default 0 check (refunded_minor >= 0),
        charged_back_minor bigint not null default 0 check (charged_back_minor >= 0),
        platform_fee_minor bigint not null default 0 check (platform_fee_minor >= 0),
        service_fee_minor bigint not null default 0 check (service_fee_minor >= 0),
        paid_minor bigint not null default 0 check (paid_minor >= 0),
        -- The payment that brought the money, by the processor's names.
        processor_payment_id text unique,
        charge_id text,
        funded_at timestamptz(3),
        settled_at timestamptz(3),
        held_until timestamptz(3),
        created_at timestamptz(3) not null,
        -- Every cent is in exactly one place (L9).
        check (funded_minor = held_minor + frozen_minor + releasing_minor + refunding_minor + released_minor + refunded_minor + charged_back_minor)
      )`);
    this.addSql(`create index holds_project on holds (project_id)`);
    this.addSql(`create index holds_client on holds (client_id)`);
    this.addSql(`create index holds_freelancer on holds (freelancer_id)`);
    this.addSql(`create index holds_room on holds (room_id)`);

    this.addSql(`
      create table payments (
        id uuid primary key,
        hold_id uuid not null references holds (id),
        payer_id uuid not null references users (id),
        -- What goes into the hold, and the service fee on top.
        amount_minor bigint not null check (amount_minor > 0),
        fee_minor bigint not null check (fee_minor >= 0),
        currency text not null,
        status text not null check (status in ('processing', 'requires_action', 'succeeded', 'declined', 'expired', 'cancelled')),
        processor_payment_id text unique,
        charge_id text,
        payment_method_id uuid,
        save_method boolean not null default false,
        ending text check (ending in ('expired', 'cancelled')),
        decline_code text,
        decline_message text,
        -- What the processor said does not match what was asked: not funded, a person looks.
        mismatch text,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        settled_at timestamptz(3)
      )`);
    this.addSql(
      `create unique index payments_one_open on payments (hold_id) where status in ('processing', 'requires_action', 'declined')`,
    );
    this.addSql(`create index payments_hold on payments (hold_id)`);
    this.addSql(
      `create index payments_expiring on payments (expires_at) where status in ('processing', 'requires_action', 'declined')`,
    );

    // The row is committed before the processor is called, with the key of the call; the result is written by a second transaction.
    this.addSql(`
      create table money_operations (
        id uuid primary key,
        kind text not null check (kind in ('payment', 'transfer', 'refund', 'reversal', 'payout')),
        hold_id uuid references holds (id),
        payment_id uuid references payments (id),
        payout_id uuid,
        seq integer not null,
        amount_minor bigint not null check (amount_minor > 0),
        -- The part of the hold it settles: a transfer leaves out the platform's fee.
        gross_minor bigint not null,
        currency text not null,
        reason text not null default '',
        state text not null check (state in ('queued', 'in_flight', 'waiting', 'pending', 'unknown', 'succeeded', 'failed')),
        waiting_reason text,
        idempotency_key text not null unique,
        object_id text unique,
        attempts integer not null default 0,
        first_sent_at timestamptz,
        sent_at timestamptz,
        next_at timestamptz not null default now(),
        error text,
        created_at timestamptz(3) not null,
        settled_at timestamptz(3),
        unique (hold_id, kind, seq)
      )`);
    this.addSql(
      `create index money_operations_open on money_operations (next_at) where state in ('queued', 'in_flight', 'waiting', 'pending', 'unknown')`,
    );
    this.addSql(`create index money_operations_payment on money_operations (payment_id)`);

    this.addSql(`
      create table chargebacks (
        id uuid primary key,
        hold_id uuid not null references holds (id),
        processor_chargeback_id text not null unique,
        amount_minor bigint not null check (amount_minor > 0),
        frozen_minor bigint not null check (frozen_minor >= 0),
        fee_minor bigint not null default 0 check (fee_minor >= 0),
        currency text not null,
        reason text not null,
        status text not null check (status in ('open', 'won', 'lost')),
        opened_at timestamptz(3) not null,
        closed_at timestamptz(3)
      )`);
    this.addSql(`create index chargebacks_hold on chargebacks (hold_id)`);

    // What came in by itself, stored before it is answered and applied afterwards, once.
    this.addSql(`
      create table processor_events (
        id text primary key,
        endpoint text not null,
        type text not null,
        object_id text,
        account_id text,
        payload json not null,
        received_at timestamptz(3) not null,
        state text not null check (state in ('received', 'applied', 'ignored', 'parked')),
        note text,
        attempts integer not null default 0,
        applied_at timestamptz(3)
      )`);
    this.addSql(`create index processor_events_open on processor_events (received_at) where state = 'received'`);

    this.addSql(`
      create table processor_customers (
        user_id uuid not null references users (id),
        processor text not null,
        customer_id text not null unique,
        primary key (user_id, processor)
      )`);
    this.addSql(`
      create table payment_methods (
        id uuid primary key,
        user_id uuid not null references users (id),
        processor text not null,
        method_id text not null unique,
        brand text not null,
        last4 text not null check (last4 ~ '^[0-9]{4}$'),
        expires_month smallint not null check (expires_month between 1 and 12),
        expires_year smallint not null,
        is_default boolean not null default false,
        created_at timestamptz(3) not null,
        removed_at timestamptz(3)
      )`);
    this.addSql(`create index payment_methods_user on payment_methods (user_id) where removed_at is null`);
    this.addSql(
      `create unique index payment_methods_default on payment_methods (user_id, processor) where is_default and removed_at is null`,
    );
    this.addSql(`
      create table card_setups (
        id uuid primary key,
        user_id uuid not null references users (id),
        processor text not null,
        processor_setup_id text unique,
        status text not null check (status in ('processing', 'requires_action', 'succeeded', 'failed')),
        message text,
        created_at timestamptz(3) not null
      )`);
    this.addSql(`
      create table payout_accounts (
        user_id uuid not null references users (id),
        processor text not null,
        account_id text not null unique,
        status text not null check (status in ('onboarding', 'restricted', 'active')),
        country text,
        schedule text not null check (schedule in ('daily', 'weekly', 'monthly', 'manual')),
        requirements json not null default '[]',
        updated_at timestamptz(3) not null,
        primary key (user_id, processor)
      )`);
    this.addSql(`
      create table payouts (
        id uuid primary key,
        user_id uuid not null references users (id),
        processor text not null,
        processor_payout_id text unique,
        amount_minor bigint not null check (amount_minor > 0),
        currency text not null,
        status text not null check (status in ('pending', 'paid', 'failed')),
        failure_message text,
        created_at timestamptz(3) not null,
        arrives_at timestamptz(3)
      )`);
    this.addSql(`create index payouts_user on payouts (user_id, created_at desc)`);
    this.addSql(
      `grant select, insert, update, delete on holds, payments, money_operations, chargebacks, processor_events,
         processor_customers, payment_methods, card_setups, payout_accounts, payouts to safesend_app`,
    );
  }
}
