import type { Movement } from '@safesend/shared/escrow/hold.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { book, type Entry } from './ledger.ts';

export function movementOf(hold: Hold, amount: bigint, fee: bigint, ledgerTransactionId = newId()): Movement {
  return {
    ledgerTransactionId,
    amountMinor: Number(amount),
    feeMinor: Number(fee),
    currency: hold.currency,
  };
}

export function bookingOf(
  movement: Movement,
  kind: string,
  hold: Hold,
  operationId: string | null,
  fact: FactRef,
  objectId: string | null = null,
) {
  const { ledgerTransactionId: id, currency } = movement;
  return { id, kind, currency, holdId: hold.id, operationId, objectId, factId: fact.id };
}

/** Money that moved at the processor: what is told of it, and what of it is booked. */
export interface Moved {
  readonly kind: string;
  readonly amount: bigint;
  readonly fee?: bigint;
  readonly operationId: string | null;
  /** The processor's name for it, where it has one. */
  readonly objectId: string | null;
  tell(movement: Movement): Promise<FactRef>;
  readonly entries: readonly Entry[];
}

/** The hold's balances have moved already: the owner's fact says so, and the books, each naming the other. */
export async function bookMoved(tx: Tx, hold: Hold, moved: Moved): Promise<void> {
  const { kind, amount, fee = 0n, operationId, objectId, entries } = moved;
  const movement = movementOf(hold, amount, fee);
  const fact = await moved.tell(movement);
  await book(tx, bookingOf(movement, kind, hold, operationId, fact, objectId), entries);
}

/** What the processor asks of the platform for something of its own. Nobody in the room pays it, so it has no fact. */
export async function bookProcessorFee(
  tx: Tx,
  hold: Hold,
  { account, feeMinor, objectId }: { account: 'processor_fee' | 'dispute_fee'; feeMinor: bigint; objectId: string },
): Promise<void> {
  const { ledgerTransactionId: id, currency } = movementOf(hold, feeMinor, 0n);
  const booking = { id, kind: 'processor_fee', currency, holdId: hold.id, operationId: null, objectId, factId: null };
  await book(tx, booking, [
    { account, amountMinor: feeMinor },
    { account: 'processor_balance', amountMinor: -feeMinor },
  ]);
}
