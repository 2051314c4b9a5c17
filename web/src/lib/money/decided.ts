import type { Payment } from '@safesend/shared/escrow/hold.ts';

type Attempt = Pick<Payment, 'status' | 'createdAt'>;

const open: ReadonlySet<Payment['status']> = new Set(['processing', 'requires_action']);
const newestFirst = (a: Attempt, b: Attempt) => b.createdAt.localeCompare(a.createdAt);

/** What a bank can decide about: the attempt that is open, else what was paid last. One that came to nothing is over. */
export function decidedOf<It extends Attempt>(payments: readonly It[]): It | undefined {
  const attempts = payments.toSorted(newestFirst);
  return attempts.find(({ status }) => open.has(status)) ?? attempts.find(({ status }) => status === 'succeeded');
}
