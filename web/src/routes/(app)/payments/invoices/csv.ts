import { csvOf } from '@safesend/shared/csv.ts';
import type { Invoice } from '@safesend/shared/escrow/wallet.ts';
import { decimalOf } from '@safesend/shared/money.ts';
import { paperWords } from '../kinds.ts';

const about = ['date', 'kind', 'number', 'from', 'to', 'project', 'milestone'];
const heading = [...about, 'net', 'tax', 'total', 'currency', 'test money'];

export function invoicesCsv(items: readonly Invoice[]): string {
  const rows = items.map((paper) => {
    const { issuedAt, kind, number, issuerName, recipientName, projectTitle, milestoneTitle, currency } = paper;
    const sums = [paper.netMinor, paper.taxMinor, paper.totalMinor];
    return [
      ...[issuedAt, paperWords(kind), number, issuerName, recipientName, projectTitle, milestoneTitle],
      ...sums.map((minor) => decimalOf(signedOf(kind, minor), currency)),
      ...[currency, paper.isTest ? 'yes' : 'no'],
    ];
  });
  return csvOf([heading, ...rows]);
}

/** What a credit note takes back is below nothing. */
export function signedOf(kind: Invoice['kind'], minor: number): number {
  return kind === 'credit_note' ? 0 - minor : minor;
}
