import { csvOf } from '@safesend/shared/csv.ts';
import type { Transaction } from '@safesend/shared/escrow/wallet.ts';
import { decimalOf } from '@safesend/shared/money.ts';
import { kindWords } from '../kinds.ts';

const heading = ['date', 'kind', 'project', 'milestone', 'amount', 'currency', 'transaction', 'test money'];

export function transactionsCsv(items: readonly Transaction[]): string {
  const rows = items.map(({ at, kind, projectTitle, milestoneTitle, amountMinor, currency, id, isTest }) => [
    ...[at, kindWords(kind), projectTitle ?? '', milestoneTitle ?? ''],
    ...[decimalOf(amountMinor, currency), currency, id, isTest ? 'yes' : 'no'],
  ]);
  return csvOf([heading, ...rows]);
}
