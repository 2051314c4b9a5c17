import { query, type Em } from '../../../kernel/sql.ts';

/** What must never be. Each statement answers the ids of what breaks it; none does, always. */
export const invariants: Readonly<Record<string, string>> = {
  'I1 every transaction balances per currency': `
    select transaction_id::text as id from ledger_entries group by transaction_id, currency having sum(amount_minor) <> 0`,
  'I2 the world balances per currency': `
    select currency as id from ledger_entries group by currency having sum(amount_minor) <> 0`,
  'I3 a hold holds what its ledger account holds': `
    select h.id::text from holds h left join ledger_accounts a on a.kind = 'hold' and a.owner_id = h.id
    where h.held_minor + h.frozen_minor <> -coalesce(ledger_balance(a.id), 0)`,
  'I4 a hold is resolved once: what operations paid is what it says': `
    select h.id::text from holds h left join lateral (
      select coalesce(sum(o.gross_minor) filter (where o.kind = 'transfer' and o.state = 'succeeded'), 0) as released,
        coalesce(sum(o.gross_minor) filter (where o.kind = 'transfer' and o.state not in ('succeeded', 'withheld')), 0) as releasing,
        coalesce(sum(o.gross_minor) filter (where o.kind = 'refund' and o.state in ('succeeded', 'returned')), 0) as refunded,
        coalesce(sum(o.gross_minor) filter (where o.kind = 'refund' and o.state not in ('succeeded', 'returned')), 0) as refunding,
        coalesce(sum(o.amount_minor) filter (where o.kind = 'reversal' and o.state = 'succeeded'), 0)
          - coalesce(sum(o.amount_minor) filter (where o.kind = 'transfer' and o.gross_minor = 0 and o.state = 'succeeded'), 0)
          as recovered
      from money_operations o where o.hold_id = h.id) s on true
    where (s.released, s.releasing, s.refunded, s.refunding, s.recovered)
      is distinct from (h.released_minor, h.releasing_minor, h.refunded_minor, h.refunding_minor, h.recovered_minor)`,
  'I5 one ledger transaction per object of the processor and kind': `
    select object_id as id from ledger_transactions where object_id is not null group by object_id, kind having count(*) > 1`,
  'I6 what an operation moved is what the ledger says of its object': `
    select o.id::text from money_operations o left join lateral (
      select coalesce(-sum(e.amount_minor), 0) as amount from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
        join ledger_accounts a on a.id = e.account_id and a.kind = 'processor_balance' and a.currency = o.currency
      where t.object_id = o.object_id and t.operation_id = o.id) l on true
    where o.kind in ('transfer', 'refund', 'reversal') and o.state in ('succeeded', 'returned')
      and l.amount <> case when o.state = 'returned' then 0 when o.kind = 'reversal' then -o.amount_minor else o.amount_minor end`,
  'I8 what freelancers owe and what clients are owed is in the books': `
    select h.id::text from holds h where h.owed_minor + h.recovered_minor
      <> (select coalesce(sum(c.owed_minor), 0) from chargebacks c where c.hold_id = h.id)
    union all
    select s.owner_id::text from (
      select 'receivable' as kind, freelancer_id as owner_id, currency, sum(owed_minor) as minor from holds group by 2, 3
      union all
      select 'client_credit', client_id, currency, -sum(credit_minor) from holds group by 2, 3) s
      left join ledger_accounts a on a.kind = s.kind and a.owner_id = s.owner_id and a.currency = s.currency
    where s.minor <> coalesce(ledger_balance(a.id), 0)`,
  'I7 a balance is the sum of its entries': `
    select a.id::text from ledger_accounts a where ledger_balance(a.id) <> coalesce(
      (select sum(e.amount_minor) from ledger_entries e where e.account_id = a.id), 0)`,
  'X5 a ledger transaction and its fact name each other': `
    select t.id::text from ledger_transactions t left join facts f on f.id = t.fact_id
      left join fact_payloads p on p.room_id = f.room_id and p.seq = f.seq
    where t.kind <> 'processor_fee' and (p.data -> 'movement' ->> 'ledgerTransactionId') is distinct from t.id::text
    union all
    select f.id::text from facts f join fact_payloads p using (room_id, seq)
    where f.room_id in (select room_id from holds) and f.type ~ '^(milestone|chargeback)[.]' and p.data -> 'movement' ->> 'ledgerTransactionId' is not null
      and not exists (select from ledger_transactions t
        where t.id = (p.data -> 'movement' ->> 'ledgerTransactionId')::uuid and t.fact_id = f.id)`,
};

export interface Broken {
  readonly invariant: string;
  readonly ids: readonly string[];
}

/** Every broken invariant with what breaks it; empty is the only good answer. */
export async function findBroken(em: Em): Promise<Broken[]> {
  const broken: Broken[] = [];
  for (const [invariant, text] of Object.entries(invariants)) {
    const rows = await query<{ id: string }>(em, `${text} limit 100`);
    if (rows.length > 0) broken.push({ invariant, ids: rows.map(({ id }) => id) });
  }
  return broken;
}

/** Holds that are older than they may be and still have money: people must decide before the processor does. */
export async function findOldHolds(em: Em): Promise<string[]> {
  const rows = await query<{ id: string }>(
    em,
    `select id from holds where held_until < product_now() and held_minor + frozen_minor + releasing_minor + refunding_minor > 0`,
  );
  return rows.map(({ id }) => id);
}
