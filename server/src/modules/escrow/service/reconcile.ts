import { newId } from '@safesend/shared/ids.ts';
import type { Listed, Processor } from '../../../kernel/ports/processor.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { MoneyDeps } from './owner.ts';
import { acceptedWhere, findAccepted, nameOf } from './stops.ts';

export interface Difference {
  readonly kind: Listed['kind'];
  readonly objectId: string;
  /** `missing`: ours alone. `unknown`: the processor's alone. The others: both have it, and it is not the same. */
  readonly what: 'missing' | 'unknown' | 'amount' | 'currency' | 'status';
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly freelancerId: string | null;
}
export interface Reconciled {
  readonly processor: string;
  readonly since: Date;
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** What is only at the processor, and somebody has answered for: it stops nobody. `ours` is what he wrote down. */
  readonly accepted: readonly Difference[];
}
interface Own {
  readonly kind: Listed['kind'];
  readonly object_id: string;
  readonly operation_id: string | null;
  readonly hold_id: string | null;
  /** The payment whose money it was. */
  readonly payment: string | null;
  readonly amount_minor: string;
  readonly currency: string;
  readonly freelancer_id: string;
}
export type Reconciling = Pick<MoneyDeps, 'orm'> & { readonly processor: Processor };

/** What the books say was done at the processor, and who was to have it. */
const ownObjects = `
  select 'payment' as kind, p.processor_payment_id as object_id, null::uuid as operation_id, h.id as hold_id,
    (p.amount_minor + p.fee_minor)::text as amount_minor, p.currency, h.freelancer_id, h.processor, p.settled_at as at
  from payments p join holds h on h.id = p.hold_id where p.status = 'succeeded'
  union all
  select o.kind, o.object_id, o.id, o.hold_id, o.amount_minor::text, o.currency, h.freelancer_id, h.processor, o.settled_at
  from money_operations o join holds h on h.id = o.hold_id
  where o.kind in ('transfer', 'refund', 'reversal') and o.state = 'succeeded' and o.amount_minor > 0
  union all
  select 'chargeback', c.processor_chargeback_id, null, c.hold_id, c.amount_minor::text, c.currency, h.freelancer_id, h.processor, c.opened_at
  from chargebacks c join holds h on h.id = c.hold_id`;

/** Compares both ways everything since a moment, writes down what differs now, and takes back what differs no more. */
export async function reconcile(deps: Reconciling, since: Date): Promise<Reconciled> {
  const { processor } = deps;
  const em = () => deps.orm.em.fork() as Em;
  const theirs = await listAll(processor, since);
  // Read afterwards, so that what both sides know by now is in both.
  const text = `select o.kind, o.object_id, o.operation_id, o.hold_id, o.amount_minor, o.currency, o.freelancer_id, h.processor_payment_id as payment
    from (${ownObjects}) o join holds h on h.id = o.hold_id
    where o.processor = $1 and (o.at >= $2 or o.object_id = any($3))`;
  const ours = await query<Own>(em(), text, [processor.name, since, theirs.map(({ objectId }) => objectId)]);
  const known = new Map(ours.map((own) => [`${own.kind} ${own.object_id}`, own]));
  const differences: Difference[] = [];
  for (const item of theirs) {
    const own = known.get(`${item.kind} ${item.objectId}`);
    known.delete(`${item.kind} ${item.objectId}`);
    const difference = own ? differenceOf(own, item) : item.succeeded ? await unknown(em(), item) : null;
    if (difference) differences.push(difference);
  }
  for (const own of known.values()) {
    if (!(await isThere(processor, own)))
      differences.push(of(own, 'missing', `${own.amount_minor} ${own.currency}`, null));
  }
  const notes = await findAccepted(em(), processor.name);
  const all = differences.map((it) => ({
    ...it,
    ours: it.what === 'unknown' ? (notes.get(nameOf(it)) ?? null) : it.ours,
  }));
  const isAccepted = ({ what, ours: said }: Difference) => what === 'unknown' && said !== null;
  const result = {
    ...{ processor: processor.name, since, compared: theirs.length + known.size },
    ...{ differences: all.filter((it) => !isAccepted(it)), accepted: all.filter(isAccepted) },
  };
  await note(em(), result);
  return result;
}

async function listAll(processor: Processor, since: Date): Promise<Listed[]> {
  const all: Listed[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<Processor['list']>> = await processor.list(since, cursor);
    all.push(...page.items);
    if (page.next === null) return all;
    cursor = page.next;
  }
}

function differenceOf(own: Own, item: Listed): Difference | null {
  if (!item.succeeded) return of(own, 'status', 'succeeded', 'not succeeded');
  if (own.currency !== item.currency) return of(own, 'currency', own.currency, item.currency);
  const same = BigInt(own.amount_minor) === item.amountMinor;
  return same ? null : of(own, 'amount', own.amount_minor, String(item.amountMinor));
}

function of(own: Own, what: Difference['what'], ours: string | null, theirs: string | null): Difference {
  return { kind: own.kind, objectId: own.object_id, what, ours, theirs, freelancerId: own.freelancer_id };
}

/** What is under way here is no difference yet: its answer is being written down, or read back. */
async function unknown(em: Em, item: Listed): Promise<Difference | null> {
  const party = await findParty(em, item);
  // What none of our operations made and nothing of ours is part of is of another product that shares the account.
  if (item.operationId === null && (item.kind === 'payment' || party === null)) return null;
  const operation = await queryOne<{ is_open: boolean; freelancer_id: string | null }>(
    em,
    `select o.state not in ('succeeded', 'failed', 'withheld') or (o.kind = 'payment' and p.status in ('processing', 'requires_action')
         and p.mismatch is null) or o.object_id = $2 or (o.kind = 'payment' and p.processor_payment_id = $2 and p.status = 'succeeded')
         as is_open, h.freelancer_id
     from money_operations o left join holds h on h.id = o.hold_id left join payments p on p.id = o.payment_id
     where o.id::text = $1`,
    [item.operationId, item.objectId],
  );
  if (operation?.is_open) return null;
  const theirs = `${item.amountMinor} ${item.currency}`;
  const freelancerId = operation?.freelancer_id ?? party;
  return { kind: item.kind, objectId: item.objectId, what: 'unknown', ours: null, theirs, freelancerId };
}

/** Whose money it is about: that of the payment it is of, of its hold, or of the account it went to. */
async function findParty(em: Em, { processorPaymentId, holdId, accountId }: Listed): Promise<string | null> {
  const row = await queryOne<{ freelancer_id: string | null }>(
    em,
    `select coalesce(
       (select h.freelancer_id from payments p join holds h on h.id = p.hold_id where p.processor_payment_id = $1),
       (select freelancer_id from holds where id::text = $2),
       (select user_id from payout_accounts where account_id = $3)) as freelancer_id`,
    [processorPaymentId, holdId, accountId],
  );
  return row?.freelancer_id ?? null;
}

/** A list may be older than what it lists: what is missing in it is asked for by name. */
async function isThere(processor: Processor, own: Own): Promise<boolean> {
  if (own.kind === 'payment') return (await processor.readPayment(own.object_id)) !== null;
  if (own.kind === 'chargeback') return (await processor.readChargeback(own.object_id)) !== null;
  const { kind, object_id: objectId, operation_id: operationId, hold_id: holdId, payment } = own;
  const sought = {
    kind,
    objectId,
    holdId,
    operationId: operationId ?? '',
    processorPaymentId: payment,
    accountId: null,
  };
  return (await processor.findOperation(sought)) !== null;
}

async function note(em: Em, { processor, since, compared, differences, accepted }: Reconciled): Promise<void> {
  const column = <Value>(pick: (it: Difference) => Value) => [...differences, ...accepted].map(pick);
  await query(
    em,
    `with found as (
       select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[])
         as t (kind, object_id, what, ours, theirs, freelancer_id)),
     kept as (
       insert into processor_differences as d (processor, kind, object_id, what, ours, theirs, freelancer_id, since, found_at)
       select $1, kind, object_id, what, ours, theirs, freelancer_id, $8, product_now() from found
       on conflict (processor, kind, object_id) do update set what = excluded.what, theirs = excluded.theirs,
         freelancer_id = excluded.freelancer_id,
         -- It may have been accepted while the processor was asked.
         ours = case when excluded.what = 'unknown' and d.what = 'unknown' then coalesce(excluded.ours, d.ours) else excluded.ours end),
     gone as (
       delete from processor_differences d where d.processor = $1 and d.since >= $8
         and not exists (select from found f where f.kind = d.kind and f.object_id = d.object_id))
     insert into reconciliations (id, processor, since, compared, differences, finished_at)
     values ($9, $1, $8, $10, $11, product_now())`,
    [
      processor,
      column(({ kind }) => kind),
      column(({ objectId }) => objectId),
      column(({ what }) => what),
      column(({ ours }) => ours),
      column(({ theirs }) => theirs),
      column(({ freelancerId }) => freelancerId),
      since,
      newId(),
      compared,
      differences.length,
    ],
  );
}

/** Far enough back that a day without comparisons is made up for, and that whatever differs is looked at again. */
export async function reconciliationStart(em: Em, processor: string, days: number): Promise<Date> {
  const row = await queryOne<{ since: Date | string }>(
    em,
    `select least(clock_timestamp() - make_interval(days => $2),
       (select min(since) from processor_differences where processor = $1 and not (${acceptedWhere}))) as since`,
    [processor, days],
  );
  return new Date(row?.since ?? 0);
}
