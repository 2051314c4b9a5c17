import type { Together } from '@safesend/shared/escrow/hold.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { OperationRow } from './queue.ts';

/** Of operations `o`: it arrives in a moment, if nothing is in its way. */
export const isComing = `(o.state in ('queued', 'in_flight', 'unknown') or (o.state = 'waiting' and o.next_at <= product_now()))`;

/** What one release or refund has brought so far, out of how many operations. */
export interface Brought {
  readonly parts: number;
  readonly gross: bigint;
  readonly net: bigint;
  /** Is it all of what was decided? */
  readonly isAll: boolean;
  /** Is more of it on its way, beside one that is settled now? */
  readonly more: boolean;
}

interface Row {
  readonly parts: number;
  readonly gross: string;
  readonly net: string;
  readonly decided_gross: string;
  readonly decided_net: string;
  readonly more: boolean;
}

const broughtText = `
  select b.*, d.* from
    (select count(*)::int as parts, coalesce(sum(gross_minor) filter (where o.state = 'succeeded'), 0)::text as gross,
       coalesce(sum(amount_minor) filter (where o.state = 'succeeded'), 0)::text as net,
       coalesce(bool_or(${isComing}) filter (where o.id is distinct from $2), false) as more
     from money_operations o where o.decision_id = $1) b,
    (select coalesce(sum(e.amount_minor) filter (where a.kind = 'hold'), 0)::text as decided_gross,
       coalesce(-sum(e.amount_minor) filter (where a.kind in ('release_clearing', 'refund_clearing')), 0)::text as decided_net
     from ledger_entries e join ledger_accounts a on a.id = e.account_id where e.transaction_id = $1) d`;

/** What arrives last arrives with every part that is nothing but fee: the whole is what the books say was decided. */
export async function findBrought(tx: Tx, decisionId: string, operationId: string | null): Promise<Brought> {
  const [row] = await tx.query<Row>(broughtText, [decisionId, operationId]);
  if (!row) throw new Error('no such decision');
  const isAll = row.net === row.decided_net;
  const gross = BigInt(isAll ? row.decided_gross : row.gross);
  return { parts: row.parts, gross, net: BigInt(row.net), isAll, more: row.more };
}

/** What has arrived with this one of what was decided; null where it is all that was to arrive. */
export async function findTogether(tx: Tx, operation: OperationRow): Promise<Together | null> {
  const { id, decision_id: decisionId } = operation;
  if (decisionId === null) return null;
  const { parts, gross, net, more } = await findBrought(tx, decisionId, id);
  if (parts === 1 && gross === BigInt(operation.gross_minor)) return null;
  return { decisionId, amountMinor: Number(gross), feeMinor: Number(gross - net), more };
}

/** What has arrived of one release or refund, or was taken back of one hold, and was told nobody yet. */
export interface Untold {
  readonly kind: 'transfer' | 'refund' | 'reversal';
  /** The operations that brought it. */
  readonly ids: readonly string[];
  /** What was paid of the hold; nothing where it is sent once more. */
  readonly gross: bigint;
  readonly net: bigint;
  readonly currency: Currency;
}

// A part that is nothing but fee arrives with the others: by itself there is nothing to tell.
const isUntold = (o: string) =>
  `${o}.kind in ('transfer', 'refund', 'reversal') and ${o}.state = 'succeeded' and ${o}.told_at is null and ${o}.amount_minor > 0`;

/** What is told as one: a decision, and of a hold all that is taken back for it. */
const oneOf = (o: string) =>
  `case ${o}.kind when 'reversal' then ${o}.hold_id else coalesce(${o}.decision_id, ${o}.id) end`;

const untoldText = `
  with hold as (select id from holds where milestone_id = $1),
  arrived as (
    select ${oneOf('o')} as one from money_operations o
    where o.hold_id = (select id from hold) and o.kind in ('transfer', 'refund', 'reversal') group by 1
    having bool_or(${isUntold('o')}) and not bool_or(${isComing})
  ), told as (
    update money_operations o set told_at = $2 from arrived a
    where o.hold_id = (select id from hold) and ${oneOf('o')} = a.one
      and o.state = 'succeeded' and o.told_at is null
    returning a.one, o.id, o.kind, o.currency, o.gross_minor, o.amount_minor
  )
  select kind, currency, array_agg(id) as ids, sum(gross_minor)::text as gross, sum(amount_minor)::text as net
  from told group by one, kind, currency order by one`;

/** To be told now: of a milestone's money what has arrived or was taken back, unless more of the same is on its way. Each part once. */
export async function takeUntold(tx: Tx, milestoneId: string): Promise<Untold[]> {
  const rows = await tx.query<Omit<Untold, 'gross' | 'net'> & { readonly gross: string; readonly net: string }>(
    untoldText,
    [milestoneId, tx.now],
  );
  return rows.map((row) => ({ ...row, gross: BigInt(row.gross), net: BigInt(row.net) }));
}

/** The round that tells of those. */
export const arrivalsRound = 'notifications.arrivals';

/** Of which milestones something has arrived that is to be told, and no fact is to come with which it would be. */
export async function findUntold(em: Em): Promise<{ readonly id: string; readonly title: string }[]> {
  return query(
    em,
    `select m.id, m.title from milestones m join holds h on h.milestone_id = m.id
     where h.id in (select t.hold_id from money_operations t where ${isUntold('t')}
       and not exists (select from money_operations o where o.hold_id = t.hold_id
         and ${oneOf('o')} = ${oneOf('t')} and ${isComing})) limit 100`,
  );
}

/** The fact with which the last of these operations arrived. */
export async function findArrival(tx: Tx, operationIds: readonly string[]): Promise<FactRef | null> {
  const [fact] = await tx.query<FactRef>(
    `select f.id, f.room_id as "roomId", f.type, f.seq::float8 as seq from money_operations o
       join ledger_transactions l on l.hold_id = o.hold_id and l.operation_id = o.id join facts f on f.id = l.fact_id
     where o.id = any($1) order by f.seq desc limit 1`,
    [operationIds],
  );
  return fact ?? null;
}
