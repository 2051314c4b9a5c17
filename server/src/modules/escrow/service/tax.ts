import type { TaxDetails } from '@safesend/shared/escrow/wallet.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';

export async function findTaxDetails(em: Em, userId: string): Promise<TaxDetails | null> {
  const text = 'select label, number, rate_bps as "rateBps" from tax_details where user_id = $1';
  return queryOne<TaxDetails>(em, text, [userId]);
}

export async function setTaxDetails(tx: Tx, details: TaxDetails | null): Promise<void> {
  if (!details) return void (await tx.query('delete from tax_details where user_id = $1', [tx.me]));
  await tx.query(
    `insert into tax_details (user_id, label, number, rate_bps, updated_at) values ($1, $2, $3, $4, $5)
     on conflict (user_id) do update set label = $2, number = $3, rate_bps = $4, updated_at = $5`,
    [tx.me, details.label, details.number, details.rateBps, tx.now],
  );
}

/** The tax inside a price that includes it, half a unit rounded up; the rest is the net amount, so both always sum. */
export function taxInside(gross: bigint, rateBps: number): bigint {
  const whole = 10_000n + BigInt(rateBps);
  return (gross * BigInt(rateBps) * 2n + whole) / (whole * 2n);
}
