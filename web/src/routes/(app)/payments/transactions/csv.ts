import { csvOf } from '@safesend/shared/csv.ts';
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

export function transactionsCsv(items: readonly Transaction[]): string {
  const rows = items.map(({ at, kind, projectTitle, milestoneTitle, amountMinor, currency, id, isTest }) => [
    ...[at, kindWords(kind), projectTitle ?? '', milestoneTitle ?? ''],
    ...[decimalOf(amountMinor, currency), currency, id, isTest ? 'yes' : 'no'],
  ]);
  return csvOf([heading, ...rows]);
}
