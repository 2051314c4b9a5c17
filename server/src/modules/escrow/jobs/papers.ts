import type { Round } from '../../../kernel/rounds.ts';
import type { Transact } from '../../../kernel/transact.ts';
import { issueDue } from '../service/issuing.ts';

/** Invoices, receipts and credit notes of what the books have booked. */
export function paperRounds(transact: Transact): Round[] {
  return [{ name: 'papers.issue', everySeconds: 5, run: () => issueDue(transact) }];
}
