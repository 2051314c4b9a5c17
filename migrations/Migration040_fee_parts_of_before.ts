import { Migration } from '@mikro-orm/migrations';

/**
 * Parts of releases that were nothing but fee and were decided before these had an operation (038) get theirs, where the hold
 * leaves no doubt that this is what it misses, and of which payment: releases took from the oldest first, unless a bank
 * disputed that one.
 */
export class Migration040_fee_parts_of_before extends Migration {
  override readonly name = '040_fee_parts_of_before';

  override up(): void {
    this.addSql(`
      with transfers as (
        select hold_id, coalesce(sum(gross_minor) filter (where state = 'succeeded'), 0) as released,
          coalesce(sum(amount_minor) filter (where state = 'succeeded' and gross_minor > 0), 0) as paid,
          coalesce(sum(gross_minor - amount_minor) filter (where state <> 'withheld' and gross_minor > 0), 0) as fee,
          max(seq) as last_seq
        from money_operations where kind = 'transfer' group by hold_id
      ), short as (
        select h.id, h.currency, coalesce(h.settled_at, h.created_at) as at, coalesce(t.last_seq, 0) as last_seq,
          h.released_minor - coalesce(t.released, 0) as missing
        from holds h left join transfers t on t.hold_id = h.id
        where h.released_minor > coalesce(t.released, 0) and h.paid_minor = coalesce(t.paid, 0)
          and h.platform_fee_minor - coalesce(t.fee, 0) = h.released_minor - coalesce(t.released, 0)
          and (h.held_minor = 0 or not exists (select from chargebacks c where c.hold_id = h.id)
            or (select count(*) from payments p where p.hold_id = h.id and p.status = 'succeeded') = 1)
      ), sources as (
        select p.hold_id, p.id, p.settled_at, greatest(0, p.amount_minor
          - coalesce((select sum(o.gross_minor) from money_operations o
              where o.payment_id = p.id and o.kind in ('transfer', 'refund') and o.state <> 'withheld'), 0)
          - coalesce((select sum(c.frozen_minor) from chargebacks c where c.payment_id = p.id and c.status <> 'won'), 0)) as left_minor
        from payments p where p.status = 'succeeded' and p.hold_id in (select id from short)
      ), parts as materialized (
        select gen_random_uuid() as id, s.id as hold_id, p.id as payment_id, s.currency, s.at,
          s.last_seq + row_number() over oldest as seq,
          least(p.left_minor, greatest(0, s.missing - coalesce(sum(p.left_minor) over (oldest rows between unbounded preceding and 1 preceding), 0)))
            as gross_minor
        from short s join sources p on p.hold_id = s.id window oldest as (partition by s.id order by p.settled_at, p.id)
      )
      insert into money_operations (id, kind, hold_id, payment_id, seq, amount_minor, gross_minor, currency, state, idempotency_key,
        next_at, created_at, settled_at, told_at)
      select id, 'transfer', hold_id, payment_id, seq, 0, gross_minor, currency, 'succeeded', 'op_' || id, at, at, at, at
      from parts where gross_minor > 0`);
  }
}
