import { redirect } from '@sveltejs/kit';
import { getPayoutAccount } from '@safesend/shared/escrow/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

/** There is a form while an account of test money is begun and lacks something. */
export const load: PageLoad = async (event) => {
  const { status, isTest, requirements } = (await ask(event, getPayoutAccount, {})).payoutAccount;
  if (!isTest || status === 'none' || status === 'active') redirect(303, '/payments/payouts');
  return { part: requirements.length > 1 ? ('person' as const) : ('bank' as const) };
};
