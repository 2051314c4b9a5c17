import type { Round } from '../../../kernel/rounds.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import type { Transact } from '../../../kernel/transact.ts';
import { isPlayMoney } from '../service/configured.ts';
import { issueDue } from '../service/issuing.ts';

/** Invoices, receipts and credit notes of what the books have booked. */
export function paperRounds(transact: Transact, processor: Processor | null): Round[] {
  return [{ name: 'papers.issue', everySeconds: 5, run: () => issueDue(transact, isPlayMoney(processor)) }];
}
