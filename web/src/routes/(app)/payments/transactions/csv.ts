import { listTransactions } from '@safesend/shared/escrow/calls.ts';
import type { Transaction } from '@safesend/shared/escrow/wallet.ts';
import { decimalOf } from '@safesend/shared/money.ts';
import { send } from '#lib/api/send.ts';
import { kindWords } from '../kinds.ts';
import { queryOf, type Filter } from './filter.ts';

/** Everything the filter finds, not only what is shown. */
export async function readAll(filter: Filter): Promise<Transaction[]> {
  const all: Transaction[] = [];
  let cursor: string | null = null;
  do {
    const query = { ...queryOf(filter), limit: '100', ...(cursor !== null && { cursor }) };
    const page: { items: readonly Transaction[]; nextCursor: string | null } = await send(listTransactions, { query });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

const heading = ['date', 'kind', 'project', 'milestone', 'amount', 'currency', 'transaction', 'test money'];

export function csvOf(items: readonly Transaction[]): string {
  const rows = items.map(({ at, kind, projectTitle, milestoneTitle, amountMinor, currency, id, isTest }) => [
    ...[at, kindWords(kind), projectTitle ?? '', milestoneTitle ?? ''],
    ...[decimalOf(amountMinor, currency), currency, id, isTest ? 'yes' : 'no'],
  ]);
  return [heading, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A title that a spreadsheet would take for a formula is told to be text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
