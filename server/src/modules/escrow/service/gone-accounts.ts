import { Failure } from '@safesend/shared/failure.ts';
import { query, type Em } from '../../../kernel/sql.ts';

const aNewOne = ['A new account: the one before was closed or disconnected'];

/** It lacks all that can be lacked: nothing reaches it, and its owner is asked for another one. False: it is nobody's here. */
export async function noteGone(em: Em, accountId: string): Promise<boolean> {
  const text = `update payout_accounts set status = 'restricted', requirements = $2, updated_at = product_now()
     where account_id = $1 returning 1 as one`;
  return (await query(em, text, [accountId, JSON.stringify(aNewOne)])).length > 0;
}

/** Of an account that the processor had not when its owner asked something of it. */
export async function refuseGone(em: Em, accountId: string): Promise<never> {
  await noteGone(em, accountId);
  throw new Failure(
    'conflict',
    'Your payout account was closed or disconnected. Set up payouts again, with a new one.',
  );
}
