import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';

/** A part of an amount and the payment whose money it is. */
export interface Part {
  readonly paymentId: string;
  readonly amount: bigint;
}

/** What of each payment is neither released, given back nor frozen; one that a bank disputes comes last. */
const sources = (order: 'asc' | 'desc') => `
  select p.id, (p.amount_minor
      - coalesce((select sum(o.gross_minor) from money_operations o
          where o.payment_id = p.id and o.kind in ('transfer', 'refund') and o.state <> 'withheld'), 0)
      - coalesce((select sum(c.frozen_minor) from chargebacks c where c.payment_id = p.id and c.status <> 'won'), 0))::text as left_minor
  from payments p where p.hold_id = $1 and p.status = 'succeeded'
  order by exists (select from chargebacks c where c.payment_id = p.id and c.status = 'open'), p.settled_at ${order}, p.id ${order}`;

/**
 * Cuts an amount of what is held by the payments that brought it: a transfer takes no more than its charge, and a refund
 * goes back the way it came. What was paid first is released first, what was paid last goes back first.
 */
export async function partsOf(tx: Tx, hold: Hold, amount: bigint, what: 'release' | 'refund'): Promise<Part[]> {
  await tx.em.flush();
  const rows = await tx.query<{ id: string; left_minor: string }>(sources(what === 'release' ? 'asc' : 'desc'), [
    hold.id,
  ]);
  const parts: Part[] = [];
  let missing = amount;
  for (const { id: paymentId, left_minor } of rows) {
    const left = BigInt(left_minor);
    const part = left < missing ? left : missing;
    if (part <= 0n) continue;
    parts.push({ paymentId, amount: part });
    missing -= part;
  }
  if (missing > 0n) throw new Error('more than was paid');
  return parts;
}
