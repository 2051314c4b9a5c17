import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { bookMoved, type Moved } from './booking.ts';
import type { HoldOwner } from './owner.ts';
import type { OperationRow } from './queue.ts';
import { queueRecovery, wakeRecoveries } from './recovering.ts';
import { isAgain } from './returning.ts';
import { findTogether } from './together.ts';

/** The processor has done what was asked of it: the balances move, the room hears of it, the books say so. */
export async function settle(
  tx: Tx,
  owner: HoldOwner,
  hold: Hold,
  operation: OperationRow,
  objectId: string,
): Promise<void> {
  const settlement = settlementOf(operation);
  if (!settlement) return;
  const moved = settlement(tx, owner, hold, operation);
  await bookMoved(tx, hold, { ...moved, operationId: operation.id, objectId });
  if (operation.kind !== 'transfer') return;
  if (hold.owedMinor > 0n) await queueRecovery(tx, hold);
  await wakeRecoveries(tx, hold.freelancerId);
}

type Settlement = (
  tx: Tx,
  owner: HoldOwner,
  hold: Hold,
  operation: OperationRow,
) => Omit<Moved, 'operationId' | 'objectId'>;

function settlementOf(operation: OperationRow): Settlement | null {
  if (operation.kind === 'transfer') return isAgain(operation) ? givenAgain : transferred;
  if (operation.kind === 'reversal') return reversed;
  if (operation.kind === 'refund') return isAgain(operation) ? creditPaid : refunded;
  return null;
}

/** What the books owed the freelancer has left. */
function transferred(tx: Tx, owner: HoldOwner, hold: Hold, operation: OperationRow): ReturnType<Settlement> {
  const [net, gross] = [BigInt(operation.amount_minor), BigInt(operation.gross_minor)];
  hold.transferred(gross, net, tx.now);
  return {
    kind: 'transfer',
    amount: gross,
    fee: gross - net,
    tell: async (movement) => owner.released(tx, hold, movement, await findTogether(tx, operation)),
    entries: [
      { account: 'release_clearing', amountMinor: net },
      { account: 'processor_balance', amountMinor: -net },
    ],
  };
}

/** What a lost chargeback had taken back from him, once that was won after all. */
function givenAgain(tx: Tx, owner: HoldOwner, hold: Hold, operation: OperationRow): ReturnType<Settlement> {
  const amount = BigInt(operation.amount_minor);
  hold.givenAgain(amount);
  return {
    kind: 'transfer',
    amount,
    tell: async (movement) => {
      const text = 'update chargebacks set owed_minor = owed_minor - $2 where id = $1';
      await tx.query(text, [operation.reason, operation.amount_minor]);
      return owner.released(tx, hold, movement, null);
    },
    entries: [
      { account: 'release_clearing', amountMinor: amount },
      { account: 'processor_balance', amountMinor: -amount },
    ],
  };
}

function refunded(tx: Tx, owner: HoldOwner, hold: Hold, operation: OperationRow): ReturnType<Settlement> {
  const amount = BigInt(operation.amount_minor);
  hold.givenBack(amount, tx.now);
  return {
    kind: 'refunded',
    amount,
    tell: async (movement) => owner.refunded(tx, hold, movement, await findTogether(tx, operation)),
    entries: [
      { account: 'refund_clearing', amountMinor: amount },
      { account: 'processor_balance', amountMinor: -amount },
    ],
  };
}

/** The refund of what had come back arrived. */
function creditPaid(tx: Tx, owner: HoldOwner, hold: Hold, operation: OperationRow): ReturnType<Settlement> {
  const amount = BigInt(operation.amount_minor);
  hold.creditPaid(amount);
  return {
    kind: 'refunded_again',
    amount,
    tell: (movement) => owner.refunded(tx, hold, movement, null),
    entries: [
      { account: 'client_credit', ownerId: hold.clientId, amountMinor: amount },
      { account: 'processor_balance', amountMinor: -amount },
    ],
  };
}

/** It was taken back from the freelancer's account. */
function reversed(tx: Tx, owner: HoldOwner, hold: Hold, operation: OperationRow): ReturnType<Settlement> {
  const amount = BigInt(operation.amount_minor);
  hold.recover(amount);
  return {
    kind: 'reversal',
    amount,
    tell: (movement) => owner.recovered(tx, hold, movement),
    entries: [
      { account: 'processor_balance', amountMinor: amount },
      { account: 'receivable', ownerId: hold.freelancerId, amountMinor: -amount },
    ],
  };
}
