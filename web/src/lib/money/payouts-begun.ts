import { getPayoutAccount } from '@safesend/shared/escrow/calls.ts';
import type { PayoutAccount } from '@safesend/shared/escrow/wallet.ts';
import { send } from '#lib/api/send.ts';

/** How far I am with setting payouts up; without an answer the step leads to where it is said. */
export async function readPayoutStatus(): Promise<PayoutAccount['status']> {
  return send(getPayoutAccount).then(
    ({ payoutAccount }) => payoutAccount.status,
    () => 'none' as const,
  );
}
