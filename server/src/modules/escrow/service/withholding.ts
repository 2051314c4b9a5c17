import { chargeRule } from '@safesend/shared/escrow/fees.ts';
import type { OperationKind } from '../../../kernel/ports/processor.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { operationsRound, queueOperation, type OperationRow } from './queue.ts';
import { isAgain } from './returning.ts';
import { least } from './shares.ts';
import { forgetKeys } from './taking.ts';

/** A chargeback and the payment it is about. */
interface Dispute {
  readonly id: string;
  readonly paymentId: string;
}
interface Unsent {
  readonly id: string;
  readonly net: string;
  readonly gross: string;
  readonly decision_id: string | null;
}

/**
 * Lets wait for the bank what was released of a disputed payment and has not been sent: as much as the chargeback is about,
 * the latest first. A transfer of more is cut, and the rest of it goes on.
 */
export async function freezeTransfers(tx: Tx, hold: Hold, { id, paymentId }: Dispute, most: bigint): Promise<void> {
  const [waiting] = await tx.query<{ gross: string }>(
    `select coalesce(sum(gross_minor), 0)::text as gross from money_operations where reason = $1 and payment_id = $2 and state = 'frozen'`,
    [id, paymentId],
  );
  let missing = most - BigInt(waiting?.gross ?? 0);
  const unsent = await tx.query<Unsent>(
    `select id, amount_minor::text as net, gross_minor::text as gross, decision_id from money_operations
     where payment_id = $1 and kind = 'transfer' and gross_minor > 0 and state in ('queued', 'waiting') order by seq desc for update`,
    [paymentId],
  );
  for (const transfer of unsent) {
    if (missing <= 0n) return;
    const part = cut(hold, transfer, missing);
    await tx.query(
      // What leaves at another time is told by itself.
      `update money_operations set state = 'frozen', reason = $2, amount_minor = $3, gross_minor = $4, decision_id = null
       where id = $1`,
      [transfer.id, id, String(part.net), String(part.gross)],
    );
    if (String(part.net) !== transfer.net) await forgetKeys(tx, 'id = $1', [transfer.id]);
    const rest = { amount: BigInt(transfer.net) - part.net, gross: BigInt(transfer.gross) - part.gross };
    const { decision_id: decisionId } = transfer;
    if (rest.gross > 0n) await queueOperation(tx, hold, { kind: 'transfer', ...rest, paymentId, decisionId });
    missing -= part.gross;
  }
}

/**
 * A release that was on its way when its payment was charged back, and of which it is known now that it has not left: it
 * waits for the bank like one that had not been sent. Answers whether there is such a bank.
 */
export async function freezeUnsent(tx: Tx, hold: Hold, paymentId: string): Promise<boolean> {
  const open = await tx.query<{ id: string; rest: string }>(
    `select id, (share_minor - frozen_minor)::text as rest from chargebacks
     where payment_id = $1 and status = 'open' order by opened_at, id`,
    [paymentId],
  );
  for (const { id, rest } of open) await freezeTransfers(tx, hold, { id, paymentId }, BigInt(rest));
  return open.length > 0;
}

/** Is this a release that has not left, as is known now, while a chargeback of its payment is about more than waits for it? */
export async function isToWait(em: Em, operation: OperationRow): Promise<boolean> {
  if (operation.kind !== 'transfer' || isAgain(operation)) return false;
  const rows = await query(
    em,
    `select 1 as one from chargebacks c where c.payment_id = $1 and c.status = 'open' and c.share_minor - c.frozen_minor > (
       select coalesce(sum(o.gross_minor), 0) from money_operations o
       where o.payment_id = $1 and o.state = 'frozen' and o.reason = c.id::text) limit 1`,
    [operation.payment_id],
  );
  return rows.length > 0;
}

/** Is nothing of what was decided under way any more: it has arrived, or waits for the bank? */
export async function isAllFrozen(tx: Tx, hold: Hold, kinds: readonly OperationKind[]): Promise<boolean> {
  const rows = await tx.query(
    `select 1 as one from money_operations where hold_id = $1 and kind = any($2)
       and state in ('queued', 'in_flight', 'waiting', 'pending', 'unknown') limit 1`,
    [hold.id, kinds],
  );
  return rows.length === 0;
}

/** The part that waits, with its share of what arrives; all of it where one of both would be nothing. */
function cut({ currency }: Hold, transfer: Unsent, most: bigint): { readonly gross: bigint; readonly net: bigint } {
  const whole = { gross: BigInt(transfer.gross), net: BigInt(transfer.net) };
  const gross = least(whole.gross, most);
  const exact = (gross * whole.net) / whole.gross;
  const net = exact - (exact % chargeRule(currency).step);
  return gross === whole.gross || net === 0n || net === whole.net ? whole : { gross, net };
}

/** It was won: they leave. */
export async function thawTransfers(tx: Tx, { id, paymentId }: Dispute): Promise<void> {
  await tx.query(
    `update money_operations set state = 'queued', reason = '', next_at = $3 where reason = $1 and payment_id = $2 and state = 'frozen'`,
    [id, paymentId, tx.now],
  );
  tx.wake(operationsRound);
}

/** It was lost: they never leave. Answers what that was before the fee, and what would have arrived. */
export async function withholdTransfers(
  tx: Tx,
  hold: Hold,
  { id, paymentId }: Dispute,
): Promise<{ readonly gross: bigint; readonly net: bigint }> {
  const rows = await tx.query<Unsent>(
    `update money_operations set state = 'withheld', settled_at = $3 where reason = $1 and payment_id = $2 and state = 'frozen'
     returning id, amount_minor::text as net, gross_minor::text as gross, decision_id`,
    [id, paymentId, tx.now],
  );
  const sum = (pick: (row: Unsent) => string) => rows.reduce((total, row) => total + BigInt(pick(row)), 0n);
  const [gross, net] = [sum((it) => it.gross), sum((it) => it.net)];
  hold.withhold(gross, net, tx.now);
  return { gross, net };
}
