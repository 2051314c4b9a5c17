import type { Transaction } from '@safesend/shared/escrow/wallet.ts';

/** What a statement calls a movement, as PDF and CSV alike; the pages have the same words. */
export const kindWords: Readonly<Record<Transaction['kind'], string>> = {
  funding: 'Paid into hold',
  service_fee: 'Service fee',
  release: 'Released',
  platform_fee: 'Platform fee',
  refund: 'Refund',
  refund_returned: 'Refund sent back',
  chargeback: 'Chargeback',
  chargeback_won: 'Chargeback ended',
  reversal: 'Taken back',
  payout: 'Payout',
};

export const edgeWords = {
  opening: 'Opening balance',
  closing: 'Closing balance',
  minus: 'With a minus it is what was paid in all, less what came to the account. It is no debt.',
} as const;
