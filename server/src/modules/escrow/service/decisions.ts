import type { Movement } from '@safesend/shared/escrow/hold.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireFree, type Hold } from '../entity.ts';
import { bookingOf, movementOf } from './booking.ts';
import { book } from './ledger.ts';
import { queueOperation } from './queue.ts';
import { partsOf } from './sources.ts';

/** Money that a decision moved. The fact that tells of it is appended in between; then it is booked under that fact's name. */
export interface Decided {
  readonly movement: Movement;
  book(fact: FactRef): Promise<void>;
}

/** Decides to release a part of what is held. The transfer is made after the commit; the books owe it from here on. */
export async function decideRelease(tx: Tx, hold: Hold, gross: bigint): Promise<Decided> {
  requireFree(hold, gross, 'release');
  let fee = 0n;
  const operationIds: string[] = [];
  for (const { paymentId, amount: part } of await partsOf(tx, hold, gross, 'release')) {
    const partFee = hold.release(part);
    fee += partFee;
    const net = part - partFee;
    // With a fee of everything there is nothing to transfer, and nothing to wait for.
    if (net === 0n) hold.transferred(part, 0n, tx.now);
    else operationIds.push(await queueOperation(tx, hold, { kind: 'transfer', amount: net, gross: part, paymentId }));
  }
  const net = gross - fee;
  const operationId = operationIds[0] ?? null;
  const movement = movementOf(hold, gross, fee);
  return {
    movement,
    book: (fact) =>
      book(tx, bookingOf(movement, 'release', hold, operationId, fact), [
        { account: 'hold', ownerId: hold.id, amountMinor: gross },
        { account: 'release_clearing', amountMinor: -net },
        { account: 'platform_fee', amountMinor: -fee },
      ]),
  };
}

/** Decides to give a part of what is held back to the client. The service fee stays: it paid for the charge. */
export async function decideRefund(tx: Tx, hold: Hold, amount: bigint, reason: string): Promise<Decided> {
  requireFree(hold, amount, 'refund');
  const operationIds: string[] = [];
  for (const { paymentId, amount: part } of await partsOf(tx, hold, amount, 'refund')) {
    hold.refund(part);
    operationIds.push(await queueOperation(tx, hold, { kind: 'refund', amount: part, gross: part, reason, paymentId }));
  }
  const operationId = operationIds[0] ?? null;
  const movement = movementOf(hold, amount, 0n);
  return {
    movement,
    book: (fact) =>
      book(tx, bookingOf(movement, 'refund', hold, operationId, fact), [
        { account: 'hold', ownerId: hold.id, amountMinor: amount },
        { account: 'refund_clearing', amountMinor: -amount },
      ]),
  };
}
