import { Failure } from '@safesend/shared/failure.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { bookMoved } from './booking.ts';
import { noteCovered, requireNotDisputed, takeCovered } from './covering.ts';
import type { HoldOwner } from './owner.ts';
import { queueOperation, type OperationRow } from './queue.ts';

/** A refund of what had come back, or a transfer of what had been taken back, settles nothing of the hold: that the first one did. */
export const isAgain = (operation: Pick<OperationRow, 'gross_minor'>) => operation.gross_minor === '0';

/** What a processor says of a refund that did not arrive; without a name where it never took it. */
interface Failed {
  readonly objectId: string | null;
  readonly message: string;
}

/**
 * A refund that the processor refused, or that failed after it had taken it: at once, or days after it had succeeded. The
 * money is at the processor and still the client's: his credit, until it is given back another time.
 */
export async function returnRefund(
  tx: Tx,
  owner: HoldOwner,
  hold: Hold,
  operation: OperationRow,
  { objectId, message }: Failed,
): Promise<void> {
  const [was] = await tx.query<{ state: OperationRow['state'] }>(
    'select state from money_operations where id = $1 for update',
    [operation.id],
  );
  if (!was || was.state === 'returned' || was.state === 'failed') return;
  const hadSucceeded = was.state === 'succeeded';
  const state = hadSucceeded || !isAgain(operation) ? 'returned' : 'failed';
  await tx.query(
    `update money_operations set state = $2, object_id = $3, settled_at = coalesce(settled_at, $4), error = $5 where id = $1`,
    [operation.id, state, objectId, tx.now, message],
  );
  const amount = BigInt(operation.amount_minor);
  if (state === 'failed') return keepCredit(tx, owner, hold, operation);
  if (!hadSucceeded) hold.givenBack(amount, tx.now);
  hold.credit(amount);
  // A chargeback that was lost before may have brought him what comes back here.
  const paymentId = operation.payment_id ?? '';
  const covered = operation.payment_id === null ? 0n : await takeCovered(tx, hold, paymentId);
  await bookMoved(tx, hold, {
    kind: hadSucceeded ? 'refund_returned' : 'refund_credited',
    amount,
    operationId: operation.id,
    objectId,
    tell: async (movement) => {
      await noteCovered(tx, hold, paymentId, covered, movement);
      return owner.refundReturned(tx, hold, movement);
    },
    entries: [
      { account: hadSucceeded ? 'processor_balance' : 'refund_clearing', amountMinor: amount },
      { account: 'client_credit', ownerId: hold.clientId, amountMinor: covered - amount },
      { account: 'chargeback_loss', amountMinor: -covered },
    ],
  });
}

/** Given back another time it did not arrive either: it stays his credit, less what his bank has brought him meanwhile. */
async function keepCredit(tx: Tx, owner: HoldOwner, hold: Hold, operation: OperationRow): Promise<void> {
  const paymentId = operation.payment_id ?? '';
  const covered = await takeCovered(tx, hold, paymentId);
  if (covered === 0n) return owner.waits(tx, hold, { reason: 'refund_returned', on: 'client', paymentId: null });
  await bookMoved(tx, hold, {
    kind: 'credit_covered',
    amount: covered,
    operationId: operation.id,
    objectId: null,
    tell: async (movement) => {
      await noteCovered(tx, hold, paymentId, covered, movement);
      return owner.refundReturned(tx, hold, movement);
    },
    entries: [
      { account: 'client_credit', ownerId: hold.clientId, amountMinor: covered },
      { account: 'chargeback_loss', amountMinor: -covered },
    ],
  });
}

interface Credit {
  readonly payment_id: string;
  readonly minor: string;
}
/** By the payment it was refunded from: what came back, less what was given back since, this way or another. */
const creditsText = `
  select payment_id, minor::text from (
    select payment_id, coalesce(sum(amount_minor) filter (where gross_minor > 0 and state = 'returned'), 0)
      - coalesce(sum(amount_minor) filter (where gross_minor = 0 and state = 'succeeded'), 0)
      - (select coalesce(sum(c.amount_minor), 0) from credit_payments c where c.payment_id = o.payment_id) as minor
    from money_operations o where hold_id = $1 and kind = 'refund' group by 1) c where minor > 0`;

/** Fails while a bank may bring the client, or has brought him, some of it. */
export async function findPayable(tx: Tx, hold: Hold): Promise<Credit[]> {
  const credits = await tx.query<Credit>(creditsText, [hold.id]);
  const paymentIds = credits.map(({ payment_id: id }) => id);
  await requireNotDisputed(tx, paymentIds);
  return credits;
}

/** Gives back once more, over the way it was paid, what had come back. */
export async function refundAgain(tx: Tx, hold: Hold): Promise<void> {
  if (hold.creditMinor === 0n) throw new Failure('conflict', 'No refund of this came back.');
  await requireNotUnderWay(tx, hold);
  const reason = 'The bank sent the first refund back.';
  for (const { payment_id: paymentId, minor } of await findPayable(tx, hold)) {
    await queueOperation(tx, hold, { kind: 'refund', amount: BigInt(minor), gross: 0n, reason, paymentId });
  }
}

export async function requireNotUnderWay(tx: Tx, hold: Hold): Promise<void> {
  const open = await tx.query(
    `select 1 as one from money_operations where hold_id = $1 and kind = 'refund' and gross_minor = 0
       and state not in ('succeeded', 'failed', 'returned')`,
    [hold.id],
  );
  if (open.length > 0) throw new Failure('conflict', 'It is being tried already.');
}
