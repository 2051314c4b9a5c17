import type { PayoutAccount } from '@safesend/shared/escrow/wallet.ts';
import { m } from '#lib/paraglide/messages.js';

/** What the step is called that leads to payouts: whoever has begun goes on with it. */
export function payoutsStep(status: PayoutAccount['status']): string {
  return status === 'none' ? m.payments_account_open() : m.payments_account_continue();
}
