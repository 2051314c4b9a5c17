import { chargeRule } from '@safesend/shared/escrow/fees.ts';
import type { Movement } from '@safesend/shared/escrow/hold.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireFree, type Hold } from '../entity.ts';
import { bookingOf, movementOf } from './booking.ts';
import { book } from './ledger.ts';
import { queueOperation } from './queue.ts';
import { partsOf, type Part } from './sources.ts';

/** Money that a decision moved. The fact that tells of it is appended in between; then it is booked under that fact's name. */
export interface Decided {
  readonly movement: Movement;
  book(fact: FactRef): Promise<void>;
}

/** Decides to release a part of what is held. The transfer is made after the commit; the books owe it from here on. */
export async function decideRelease(tx: Tx, hold: Hold, gross: bigint): Promise<Decided> {
  requireFree(hold, gross, 'release');
  const decisionId = newId();
  const operationIds: string[] = [];
  const parts = (await partsOf(tx, hold, gross, 'release')).map((part) => ({
    ...part,
    fee: hold.release(part.amount),
  }));
  const fee = parts.reduce((sum, part) => sum + part.fee, 0n);
  for (const { paymentId, amount: part, fee: partFee } of spread(parts, chargeRule(hold.currency).step)) {
    const net = part - partFee;
    const transfer = { kind: 'transfer', amount: net, gross: part, paymentId, decisionId } as const;
    operationIds.push(await queueOperation(tx, hold, transfer));
    // With a fee of everything there is nothing to wait for.
    if (net === 0n) hold.transferred(part, 0n, tx.now);
  }
  const net = gross - fee;
  const operationId = operationIds[0] ?? null;
  const movement = movementOf(hold, gross, fee, decisionId);
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

interface FeePart extends Part {
  readonly fee: bigint;
}

/** Each part has a transfer that says whose money it was: of one that is nothing but fee, another part bears the least of it. */
function spread(parts: readonly FeePart[], step: bigint): FeePart[] {
  const spread = [...parts];
  for (const [at, part] of spread.entries()) {
    const other = spread.findIndex((it, index) => index !== at && it.amount - it.fee > step);
    const bearer = spread[other];
    if (part.fee < part.amount || part.fee < step || !bearer) continue;
    spread[at] = { ...part, fee: part.fee - step };
    spread[other] = { ...bearer, fee: bearer.fee + step };
  }
  return spread;
}

/** Decides to give a part of what is held back to the client. The service fee stays: it paid for the charge. */
export async function decideRefund(tx: Tx, hold: Hold, amount: bigint, reason: string): Promise<Decided> {
  requireFree(hold, amount, 'refund');
  const decisionId = newId();
  const operationIds: string[] = [];
  for (const { paymentId, amount: part } of await partsOf(tx, hold, amount, 'refund')) {
    hold.refund(part);
    const back = { kind: 'refund', amount: part, gross: part, reason, paymentId, decisionId } as const;
    operationIds.push(await queueOperation(tx, hold, back));
  }
  const operationId = operationIds[0] ?? null;
  const movement = movementOf(hold, amount, 0n, decisionId);
  return {
    movement,
    book: (fact) =>
      book(tx, bookingOf(movement, 'refund', hold, operationId, fact), [
        { account: 'hold', ownerId: hold.id, amountMinor: amount },
        { account: 'refund_clearing', amountMinor: -amount },
      ]),
  };
}
