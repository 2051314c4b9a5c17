import { refuseField } from '@safesend/shared/failure.ts';
import { id as uuid } from '@safesend/shared/ids.ts';
import { currencies, currencyDigits, type Currency } from '@safesend/shared/money.ts';
import type { Transaction } from '@safesend/shared/escrow/wallet.ts';
import { moment } from '@safesend/shared/values.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { titleUpTo } from '../../rooms/service/titles.ts';
import { papersText } from './line-papers.ts';

export interface TransactionFilter {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly kind?: Transaction['kind'] | undefined;
  readonly projectId?: string | undefined;
  readonly currency?: Currency | undefined;
  readonly leastMinor?: number | undefined;
  readonly mostMinor?: number | undefined;
  readonly q?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

interface Row {
  readonly id: string;
  readonly kind: Transaction['kind'];
  readonly amount_minor: string;
  readonly currency: Currency;
  readonly at: Date | string;
  readonly project_id: string | null;
  readonly project_title: string | null;
  readonly milestone_id: string | null;
  readonly milestone_title: string | null;
  readonly room_id: string | null;
  readonly seq: string | null;
  readonly reference: string | null;
  readonly papers: Transaction['papers'];
  readonly booking: string;
  readonly rank: number;
  readonly is_test: boolean;
}

/** What was booked together stands together, a fee after what it is taken of. */
const rankedText = `select *, coalesce(transaction_id, id) as booking, (kind in ('service_fee', 'platform_fee'))::int as rank from money_lines`;

/**
 * An amount without its sign, beside what is asked for: in minor units where one currency is asked for, otherwise in
 * hundredths of a whole unit of whichever it is in, so that 100 yen, 100 euros and 100 dinars are as much.
 */
const sizeText = `(abs(l.amount_minor) * case when $6::text is not null then 1 ${currencies
  .filter((it) => currencyDigits[it] !== 2)
  .map((it) => `when l.currency = '${it}' then ${100 / 10 ** currencyDigits[it]}`)
  .join(' ')} else 1 end)`;

const referenceText = `select data ->> 'reference' from fact_payloads d where d.room_id = f.room_id and d.seq = f.seq`;

/** The projects with money of mine that I have left, by the last name I was told: what they are called since is not my affair. */
const goneText = `select p.id, ${titleUpTo('p.room_id', 'mine.until_seq')} as title
  from projects p cross join lateral (
    select max(until_seq) as until_seq, count(*) filter (where until_seq is null) as open
    from memberships where room_id = p.room_id and user_id = $1) mine
  where p.id in (select project_id from holds where client_id = $1 or freelancer_id = $1) and mine.open = 0`;

/** What my money did, the newest first: each line is an entry of the books, seen from my side. */
export async function findTransactions(
  em: Em,
  userId: string,
  filter: TransactionFilter,
): Promise<{ items: Transaction[]; nextCursor: string | null }> {
  const { from, until, kind, projectId, currency, leastMinor, mostMinor, q, limit = 25 } = filter;
  const after = filter.cursor === undefined ? null : readPlace(filter.cursor);
  const rows = await query<Row>(
    em,
    `with gone as materialized (${goneText})
     select l.id, l.kind, l.amount_minor::text, l.currency, l.at, l.project_id, coalesce(gone.title, p.title) as project_title, l.milestone_id,
       m.title as milestone_title, l.room_id, f.seq::text, l.is_test,
       case t.kind when 'credit_paid' then (${referenceText}) end as reference, l.booking, l.rank, (${papersText}) as papers
     from (${rankedText}) l left join projects p on p.id = l.project_id left join gone on gone.id = p.id left join milestones m on m.id = l.milestone_id
       left join ledger_transactions t on t.id = l.transaction_id
       left join facts f on f.id = t.fact_id and f.room_id = l.room_id
     where l.user_id = $1 and ($2::timestamptz is null or l.at >= $2) and ($3::timestamptz is null or l.at < $3)
       and ($4::text is null or l.kind = $4) and ($5::uuid is null or l.project_id = $5)
       and ($6::text is null or l.currency = $6)
       and ($7::bigint is null or ${sizeText} >= $7) and ($8::bigint is null or ${sizeText} <= $8)
       and ($9::text is null or coalesce(gone.title, p.title) ilike $9 or m.title ilike $9)
       and ($10::timestamptz is null or (l.at, l.booking) < ($10, $11::uuid)
         or (l.at = $10 and l.booking = $11::uuid and (l.rank, l.id) > ($12::int, $13::uuid)))
     order by l.at desc, l.booking desc, l.rank, l.id limit $14`,
    [
      ...[userId, from ?? null, until ?? null, kind ?? null, projectId ?? null, currency ?? null],
      ...[leastMinor ?? null, mostMinor ?? null, q ? `%${q.replaceAll(/[\\%_]/g, '\\$&')}%` : null],
      ...[after?.at ?? null, after?.booking ?? null, after?.rank ?? null, after?.id ?? null, limit + 1],
    ],
  );
  const { items, nextCursor } = pageOf(rows, limit, writePlace);
  return { items: items.map(presentLine), nextCursor };
}

export function pageOf<Item>(found: Item[], limit: number, cursorOf: (last: Item) => string) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}

function presentLine(row: Row): Transaction {
  return {
    id: row.id,
    kind: row.kind,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    at: new Date(row.at).toISOString(),
    projectId: row.project_id,
    projectTitle: row.project_title,
    milestoneId: row.milestone_id,
    milestoneTitle: row.milestone_title,
    roomId: row.room_id,
    seq: row.seq === null ? null : Number(row.seq),
    reference: row.reference,
    invoiceId: row.papers[0]?.id ?? null,
    papers: row.papers,
    isTest: row.is_test,
  };
}

function writePlace({ at, booking, rank, id }: Row): string {
  return Buffer.from(`${new Date(at).toISOString()} ${booking} ${rank} ${id}`).toString('base64url');
}

function readPlace(cursor: string) {
  const moment = readMoment(cursor);
  const [, booking, rank = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  if (!/^[01]$/.test(rank) || !uuid.safeParse(id).success) throw noCursor();
  return { at: moment.at, booking, rank: Number(rank), id };
}

/** Where a list that is ordered by time goes on: after this one. */
export function writeMoment(at: string, id: string): string {
  return Buffer.from(`${at} ${id}`).toString('base64url');
}

export function readMoment(cursor: string): { at: string; id: string } {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  if (!moment.safeParse(at).success || !uuid.safeParse(id).success) {
    throw noCursor();
  }
  return { at, id };
}

const noCursor = () => refuseField('invalid', 'cursor', 'This is not a cursor of this list.');
