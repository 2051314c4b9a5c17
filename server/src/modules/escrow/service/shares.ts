import { chargeRule } from '@safesend/shared/escrow/fees.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';

/** How much of a chargeback is about what was held, and how much of that has not left the hold. */
interface Share {
  readonly share: bigint;
  readonly here: bigint;
}

export const least = (...amounts: readonly bigint[]) => amounts.reduce((one, other) => (other < one ? other : one));
export const atLeastNothing = (amount: bigint) => (amount > 0n ? amount : 0n);

/** What a payment brought, less what was given back of it and what other chargebacks are about; and what of it is here. */
const leftText = `
  select (p.amount_minor - moved.refunded - others.share)::text as left_minor,
    (p.amount_minor - moved.refunded - moved.released - others.frozen)::text as here_minor
  from payments p,
    lateral (select coalesce(sum(gross_minor) filter (where kind = 'refund'), 0) as refunded,
        coalesce(sum(gross_minor) filter (where kind = 'transfer' and state <> 'withheld'), 0) as released
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

/**
 * Writes down what open chargebacks may still take of what was decided for the freelancer, of each payment by itself: what
 * came with another one, what was given back and the service fee are none of it. Answers what that is.
 */
export async function noteRisk(tx: Tx, hold: Hold): Promise<bigint> {
  const open = await tx.query<{ payment_id: string; rest: string }>(
    `select payment_id, sum(share_minor - frozen_minor)::text as rest from chargebacks
     where hold_id = $1 and status = 'open' group by payment_id`,
    [hold.id],
  );
  let risk = 0n;
  for (const { payment_id: paymentId, rest } of open) risk += await owedOf(tx, hold, paymentId, BigInt(rest));
  hold.atRiskMinor = risk;
  return risk;
}

interface Released {
  readonly gross: string;
  readonly net: string;
  /** What of it chargebacks that were lost are about already, and what he owes for that. */
  readonly before: string;
  readonly owed: string;
}

/**
 * What the freelancer has of so much of a payment that was released: without the fee that was kept of it, in parts that
 * sum to all that he got. Of what one lost chargeback was about no other takes anything again.
 */
export async function owedOf(tx: Tx, { currency }: Hold, paymentId: string, rest: bigint): Promise<bigint> {
  const [row] = await tx.query<Released>(
    `select t.gross::text, t.net::text, c.before::text, c.owed::text from
       (select coalesce(sum(gross_minor), 0) as gross, coalesce(sum(amount_minor), 0) as net
        from money_operations where payment_id = $1 and kind = 'transfer' and gross_minor > 0 and state <> 'withheld') t,
       (select coalesce(sum(share_minor - frozen_minor), 0) as before, coalesce(sum(owed_minor), 0) as owed
        from chargebacks where payment_id = $1 and status = 'lost') c`,
    [paymentId],
  );
  const [gross, net] = [BigInt(row?.gross ?? 0), BigInt(row?.net ?? 0)];
  const part = least(BigInt(row?.before ?? 0) + rest, gross);
  const his = part === gross ? net : (part * net) / gross;
  // Part of a transfer can be taken back in the steps in which it can be made.
  const whole = part === gross ? his : his - (his % chargeRule(currency).step);
  return atLeastNothing(whole - BigInt(row?.owed ?? 0));
}
