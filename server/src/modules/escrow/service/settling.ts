import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { bookingOf, movementOf } from './decisions.ts';
import { book } from './ledger.ts';
import type { HoldOwner } from './owner.ts';
import type { OperationRow } from './queue.ts';
import { queueRecovery, wakeRecoveries } from './recovering.ts';
import { settleCredit } from './returning.ts';

/** The processor has made the transfer: what the books owed has left. */
export async function settleTransfer(
  tx: Tx,
  owner: HoldOwner,
  hold: Hold,
  operation: OperationRow,
  objectId: string,
): Promise<void> {
  const [net, gross] = [BigInt(operation.amount_minor), BigInt(operation.gross_minor)];
  hold.transferred(gross, net, tx.now);
  const movement = movementOf(hold, gross, gross - net);
  const fact = await owner.released(tx, hold, movement);
  await book(tx, bookingOf(movement, 'transfer', hold, operation.id, fact, objectId), [
    { account: 'release_clearing', amountMinor: net },
    { account: 'processor_balance', amountMinor: -net },
  ]);
  if (hold.owedMinor > 0n) await queueRecovery(tx, hold);
  await wakeRecoveries(tx, hold.freelancerId);
}

/** The processor has given it back. */
export async function settleRefund(
  tx: Tx,
  owner: HoldOwner,
  hold: Hold,
  operation: OperationRow,
  objectId: string,
): Promise<void> {
  if (operation.gross_minor === '0') return settleCredit(tx, owner, hold, operation, objectId);
  const amount = BigInt(operation.amount_minor);
  hold.givenBack(amount, tx.now);
  const movement = movementOf(hold, amount, 0n);
  const fact = await owner.refunded(tx, hold, movement);
  await book(tx, bookingOf(movement, 'refunded', hold, operation.id, fact, objectId), [
    { account: 'refund_clearing', amountMinor: amount },
    { account: 'processor_balance', amountMinor: -amount },
  ]);
}
