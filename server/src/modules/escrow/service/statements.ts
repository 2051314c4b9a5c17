import { csvOf } from '@safesend/shared/csv.ts';
import { refuseField } from '@safesend/shared/failure.ts';
import { decimalOf, type Currency } from '@safesend/shared/money.ts';
import { transactionKind, type Statement } from '@safesend/shared/escrow/wallet.ts';
import { readEveryPage } from '../../../kernel/reading.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { productNow } from '../../../kernel/transact.ts';
import { drawStatement } from './drawing.ts';
import { edgeWords, kindWords } from './kind-words.ts';
import { findTransactions } from './transactions.ts';

/** A period that was asked for; what is left out is this month until now. */
export async function periodOf(
  em: Em,
  asked: { readonly [Edge in keyof Period]?: string | undefined },
): Promise<Period> {
  const now = (await productNow(em)).toISOString();
  return { from: asked.from ?? `${now.slice(0, 7)}-01T00:00:00.000Z`, until: asked.until ?? now };
}

interface Period {
  readonly from: string;
  readonly until: string;
}

interface Row {
  readonly currency: Currency;
  readonly kind: Statement['totals'][number]['kind'];
  readonly before: string;
  readonly within: string;
  readonly count: number;
}

/** The totals of a period: what was before it, what each kind of movement summed to, and what is left. */
export async function findStatements(em: Em, userId: string, { from, until }: Period): Promise<Statement[]> {
  if (from >= until) throw refuseField('invalid', 'until', 'The end comes after the beginning.');
  const rows = await query<Row>(
    em,
    `select currency, kind, coalesce(sum(amount_minor) filter (where at < $2), 0)::text as before,
       coalesce(sum(amount_minor) filter (where at >= $2), 0)::text as within,
       count(*) filter (where at >= $2)::int as count
     from money_lines where user_id = $1 and at < $3 group by currency, kind order by currency`,
    [userId, from, until],
  );
  const order = transactionKind.options;
  return [...new Set(rows.map(({ currency }) => currency))].map((currency) => {
    const own = rows.filter((row) => row.currency === currency);
    const sum = (pick: (row: Row) => string) => own.reduce((total, row) => total + BigInt(pick(row)), 0n);
    const [opening, moved] = [sum(({ before }) => before), sum(({ within }) => within)];
    return {
      ...{ currency, from, until, openingMinor: Number(opening), closingMinor: Number(opening + moved) },
      totals: own
        .filter(({ count }) => count > 0)
        .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
        .map(({ kind, within, count }) => ({ kind, amountMinor: Number(within), count })),
    };
  });
}

export interface Download {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** One currency's statement with all its lines, the oldest first. */
export async function writeStatement(
  em: Em,
  person: { readonly userId: string; readonly name: string },
  isTestHere: boolean,
  { currency, format, ...period }: Period & { readonly currency: Currency; readonly format: 'csv' | 'pdf' },
): Promise<Download> {
  const statement = (await findStatements(em, person.userId, period)).find((it) => it.currency === currency) ?? {
    ...{ currency, ...period, openingMinor: 0, closingMinor: 0, totals: [] },
  };
  const lines: Lines = [];
  const filter = { currency, ...period, limit: 1_000 };
  for await (const line of readEveryPage((cursor) => findTransactions(em, person.userId, { ...filter, cursor })))
    lines.push(line);
  lines.reverse().sort(inOrder);
  const name = `safesend-${currency}-${period.from.slice(0, 10)}-${period.until.slice(0, 10)}`;
  // One without lines says it, too: nothing that is paid here is real.
  const isTest = isTestHere || lines.some((it) => it.isTest);
  if (format === 'pdf') {
    const bytes = await drawStatement(person, statement, lines, isTest);
    return { name: `${name}.pdf`, type: 'application/pdf', bytes };
  }
  const bytes = Buffer.from(csvOf(tableOf(statement, lines, isTestHere, isTest)));
  return { name: `${name}.csv`, type: 'text/csv; charset=utf-8', bytes };
}

/** What was booked together is told as it follows: no fee goes off before what it is taken of has come. */
function inOrder(one: Lines[number], other: Lines[number]): number {
  const order = transactionKind.options;
  return one.at === other.at ? order.indexOf(one.kind) - order.indexOf(other.kind) : one.at < other.at ? -1 : 1;
}

type Lines = Awaited<ReturnType<typeof findTransactions>>['items'];

const heading = ['date', 'kind', 'project', 'milestone', 'amount', 'balance', 'currency', 'transaction', 'test money'];

function tableOf(
  { currency, from, until, openingMinor, closingMinor }: Statement,
  lines: Lines,
  isTestHere: boolean,
  isTestSomewhere: boolean,
): string[][] {
  const yesOrNo = (it: boolean) => (it ? 'yes' : 'no');
  let balance = openingMinor;
  const rows = lines.map(({ at, kind, projectTitle, milestoneTitle, amountMinor, id, isTest }) => {
    balance += amountMinor;
    const money = [decimalOf(amountMinor, currency), decimalOf(balance, currency), currency];
    return [at, kindWords[kind], projectTitle ?? '', milestoneTitle ?? '', ...money, id, yesOrNo(isTest || isTestHere)];
  });
  const edge = (at: string, word: string, minor: number) => [
    at,
    word,
    '',
    '',
    '',
    decimalOf(minor, currency),
    currency,
    '',
    yesOrNo(isTestSomewhere),
  ];
  return [heading, edge(from, edgeWords.opening, openingMinor), ...rows, edge(until, edgeWords.closing, closingMinor)];
}
