import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';

/** How much of a chargeback is about what was held, and how much of that has not left the hold. */
interface Share {
  readonly share: bigint;
  readonly here: bigint;
}

const least = (...amounts: readonly bigint[]) => amounts.reduce((one, other) => (other < one ? other : one));
const atLeastNothing = (amount: bigint) => (amount > 0n ? amount : 0n);

/** What a payment brought, less what was given back of it and what other chargebacks are about; and what of it is here. */
const leftText = `
  select (p.amount_minor - moved.refunded - others.share)::text as left_minor,
    (p.amount_minor - moved.refunded - moved.released - others.frozen)::text as here_minor
  from payments p,
    lateral (select coalesce(sum(gross_minor) filter (where kind = 'refund'), 0) as refunded,
        coalesce(sum(gross_minor) filter (where kind = 'transfer'), 0) as released
      from money_operations where payment_id = p.id) moved,
    lateral (select coalesce(sum(share_minor), 0) as share, coalesce(sum(frozen_minor), 0) as frozen
      from chargebacks where payment_id = p.id and status <> 'won' and id is distinct from $2) others
  where p.id = $1`;

/**
 * The service fee on top was never held: that is the platform's to lose, and so is what the client has back already.
 * Banks may charge a payment back in several parts; together they are about no more than what is left of it. What came
 * with another payment is none of theirs.
 */
export async function shareOf(
  tx: Tx,
  paymentId: string,
  amount: bigint,
  chargebackId: string | null = null,
): Promise<Share> {
  const row = await queryOne<{ left_minor: string; here_minor: string }>(tx.em, leftText, [paymentId, chargebackId]);
  const share = atLeastNothing(least(amount, BigInt(row?.left_minor ?? 0)));
  return { share, here: atLeastNothing(least(share, BigInt(row?.here_minor ?? 0))) };
}

interface Open {
  readonly id: string;
  readonly amount_minor: string;
  readonly share_minor: string;
  readonly frozen_minor: string;
}

/** One was won: the others that are open are about what it leaves, the oldest first, and as much is frozen for them. */
export async function shareAnew(tx: Tx, hold: Hold, paymentId: string): Promise<void> {
  const open = await tx.query<Open>(
    `select id, amount_minor::text, share_minor::text, frozen_minor::text from chargebacks
     where payment_id = $1 and status = 'open' order by opened_at, id`,
    [paymentId],
  );
  for (const { id, amount_minor, share_minor, frozen_minor } of open) {
    const { share, here } = await shareOf(tx, paymentId, BigInt(amount_minor), id);
    const frozen = BigInt(frozen_minor);
    const more = hold.freeze(atLeastNothing(here - frozen));
    await tx.query(
      'update chargebacks set share_minor = greatest($2::bigint, $3::bigint), frozen_minor = $4 where id = $1',
      [id, share_minor, String(share), String(frozen + more)],
    );
  }
}
