import { newId } from '@safesend/shared/ids.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { OperationKind } from '../../../kernel/ports/processor.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';

/** The round that works the queue. Whoever makes an operation due wakes it. */
export const operationsRound = 'money.operations';

export interface NewOperation {
  readonly kind: OperationKind;
  readonly amount: bigint;
  /** The part of the hold that it settles. */
  readonly gross: bigint;
  /** Why money goes back; of a reversal the transfer it takes back, of a payment the test card it is made with, of a transfer
   * the chargeback that it waits for. */
  readonly reason?: string;
  readonly paymentId?: string;
  /** The ledger transaction of the release or refund it carries out, maybe with others. */
  readonly decisionId?: string | null;
}

/**
 * One row per call to the processor, with its key, committed with the decision that needs it. The table is the queue. Of a
 * part that is nothing but fee there is nothing to send: its row says whose money that was, and is done.
 */
export async function queueOperation(
  tx: Tx,
  { id: holdId, currency }: Pick<Hold, 'id' | 'currency'>,
  { kind, amount, gross, reason = '', paymentId, decisionId = null }: NewOperation,
): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into money_operations (id, kind, hold_id, payment_id, seq, amount_minor, gross_minor, currency, reason, state,
       idempotency_key, next_at, created_at, decision_id, settled_at)
     select $1, $2, $3, $4, 1 + coalesce(max(seq), 0), $5, $6, $7, $8, case when $5::bigint = 0 then 'succeeded' else 'queued' end,
       $9, $10, $10, $11::uuid, case when $5::bigint = 0 then $10::timestamptz end
     from money_operations where hold_id = $3 and kind = $2`,
    [
      ...[id, kind, holdId, paymentId ?? null, String(amount), String(gross), currency, reason, `op_${id}`, tx.now],
      decisionId,
    ],
  );
  tx.wake(operationsRound);
  return id;
}

/** `frozen`: waits for the end of a chargeback; `withheld`: that was lost, and it does not leave. */
type OperationState =
  | 'queued'
  | 'in_flight'
  | 'waiting'
  | 'pending'
  | 'unknown'
  | 'frozen'
  | 'succeeded'
  | 'failed'
  | 'returned'
  | 'withheld';

export interface OperationRow {
  readonly id: string;
  readonly kind: OperationKind;
  readonly hold_id: string | null;
  readonly payment_id: string | null;
  readonly payout_id: string | null;
  readonly decision_id: string | null;
  readonly amount_minor: string;
  readonly gross_minor: string;
  readonly currency: Currency;
  readonly reason: string;
  readonly state: OperationState;
  readonly idempotency_key: string;
  readonly object_id: string | null;
  readonly attempts: number;
  readonly waiting_reason: string | null;
  /** Was it sent before, so that its answer may be lost? */
  readonly in_doubt: boolean;
  /** Sent first so long ago that the processor may have forgotten its key. */
  readonly key_is_old: boolean;
}

export const operationColumns = `o.id, o.kind, o.hold_id, o.payment_id, o.payout_id, o.decision_id, o.amount_minor::text, o.gross_minor::text,
  o.currency, o.reason, o.state, o.idempotency_key, o.object_id, o.attempts, o.waiting_reason`;
