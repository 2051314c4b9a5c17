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
  // Of a client and of a freelancer, who may owe: both read it.
  minus:
    'With a minus more was paid than came to the account. That alone is no debt: what is owed after a chargeback is in the wallet.',
} as const;
