import { Failure } from '@safesend/shared/failure.ts';
import type { Movement } from '@safesend/shared/escrow/hold.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';

const beyondText = `
    (select coalesce(sum(amount_minor - share_minor), 0) as beyond from chargebacks
     where payment_id = $1 and status = 'lost') c,
    (select coalesce(sum(c.amount_minor), 0) as paid,
       coalesce(sum(c.amount_minor) filter (where t.kind <> 'credit_paid'), 0) as taken
     from credit_payments c join ledger_transactions t on t.id = c.transaction_id where c.payment_id = $1) p`;

/**
 * What lost chargebacks of a payment brought the client beyond what was held of it, and was not taken off his credit yet;
 * no more than is his credit of this payment and not on its way to him.
 */
const coveredText = `
  select greatest(0, least(beyond - taken, returned - again - paid))::text as minor from ${beyondText},
    (select coalesce(sum(amount_minor) filter (where gross_minor > 0 and state = 'returned'), 0) as returned,
       coalesce(sum(amount_minor) filter (where gross_minor = 0 and state not in ('failed', 'returned')), 0) as again
     from money_operations where payment_id = $1 and kind = 'refund') o`;

async function findCovered(tx: Tx, paymentId: string): Promise<bigint> {
  return BigInt((await queryOne<{ minor: string }>(tx.em, coveredText, [paymentId]))?.minor ?? 0);
}

/** What lost chargebacks of a payment brought the client that neither what was held nor his credit has borne. */
export async function findUnborne(tx: Tx, paymentId: string): Promise<bigint> {
  const text = `select greatest(0, beyond - taken)::text as minor from ${beyondText}`;
  return BigInt((await queryOne<{ minor: string }>(tx.em, text, [paymentId]))?.minor ?? 0);
}

/** What was taken off the client's credit for chargebacks that are lost no longer. */
export async function findGivenBack(tx: Tx, paymentId: string): Promise<bigint> {
  const text = `select greatest(0, taken - beyond)::text as minor from ${beyondText}`;
  return BigInt((await queryOne<{ minor: string }>(tx.em, text, [paymentId]))?.minor ?? 0);
}

/** The client has it from his bank, and so not once more from here. Answers how much of his credit that was. */
export async function takeCovered(tx: Tx, hold: Hold, paymentId: string): Promise<bigint> {
  const covered = await findCovered(tx, paymentId);
  hold.creditPaid(covered);
  return covered;
}

/** So that it is not given back: as what an operator paid another way, with the transaction that says it. */
export async function noteCovered(
  tx: Tx,
  hold: Hold,
  paymentId: string,
  covered: bigint,
  { ledgerTransactionId }: Movement,
): Promise<void> {
  if (covered === 0n) return;
  await tx.query(
    `insert into credit_payments (transaction_id, hold_id, payment_id, amount_minor, reference, paid_at)
     values ($1, $2, $3, $4, 'chargeback', $5)`,
    [ledgerTransactionId, hold.id, paymentId, String(covered), tx.now],
  );
}

/** What his bank may still bring the client, or has brought him, is not given to him here as well. */
export async function requireNotDisputed(tx: Tx, paymentIds: readonly string[]): Promise<void> {
  const open = await tx.query(`select 1 as one from chargebacks where payment_id = any($1) and status = 'open'`, [
    paymentIds,
  ]);
  if (open.length > 0)
    throw new Failure('conflict', 'The bank has not decided yet about a chargeback of this payment.');
  for (const paymentId of paymentIds) {
    if ((await findCovered(tx, paymentId)) > 0n)
      throw new Failure('conflict', 'A chargeback that was lost has brought the client this money already.');
  }
}
