import type { WalletBalance } from '@safesend/shared/escrow/wallet.ts';
import { expect, test } from 'vitest';
import { availableOf, waitingNote } from './claims.ts';

const earning = (availableMinor: number, owedMinor: number) =>
  ({ availableMinor, owedMinor }) as WalletBalance['earning'];

test.each([
  ['nothing is there', earning(-36_000, 36_000), 0, null],
  ['a part of it is there', earning(-26_000, 36_000), 0, '€100.00 of it is in your payout account already'],
  ['more than that is there', earning(4_000, 36_000), 4_000, '€360.00 of it is in your payout account already'],
  ['nothing is owed', earning(4_000, 0), 4_000, null],
])('J15 what is owed after a lost chargeback is said once, and the rest is available: %s', (_, it, available, note) => {
  expect([availableOf(it), waitingNote(it, 'EUR')]).toEqual([available, note]);
});
