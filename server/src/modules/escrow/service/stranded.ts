import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import type { MoneyDeps } from './owner.ts';

/**
 * What a bank leaves here after one of the two has gone, because nothing was held then: whoever took over decides about no money
 * of theirs, so it goes back the way it came.
 */
export async function giveBackStranded(tx: Tx, { owner }: Pick<MoneyDeps, 'owner'>, hold: Hold): Promise<void> {
  if (hold.heldMinor > 0n && !(await owner.isBetween(tx, hold))) await owner.giveBack(tx, hold, hold.heldMinor);
}
