import { getPayoutAccount } from '@safesend/shared/escrow/calls.ts';
import { send } from '#lib/api/send.ts';
import { payoutsStep } from './payouts-step.ts';

/** What my step is called; without an answer it leads to where that is said. With test money nothing waits for whoever has not begun. */
export async function readPayoutsStep(isTest: boolean): Promise<string> {
  if (isTest) return payoutsStep('onboarding');
  return send(getPayoutAccount).then(
    ({ payoutAccount }) => payoutsStep(payoutAccount.status),
    () => payoutsStep('none'),
  );
}
