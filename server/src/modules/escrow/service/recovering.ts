import { query } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { operationsRound, queueOperation } from './queue.ts';
import { atLeastNothing, least } from './shares.ts';

interface Reversible {
  readonly transfer_id: string;
  readonly left_minor: string;
}

/** What of each transfer that was made no reversal, made or waiting, takes back yet; the newest first. */
const reversible = `
  select t.object_id as transfer_id, (t.amount_minor - coalesce((select sum(r.amount_minor) from money_operations r
    where r.hold_id = t.hold_id and r.kind = 'reversal' and r.reason = t.object_id and r.state <> 'withheld'), 0))::text as left_minor
  from money_operations t where t.hold_id = $1 and t.kind = 'transfer' and t.state = 'succeeded' and t.object_id is not null order by t.seq desc`;

/**
 * Takes back what the freelancer owes, from the transfers that brought it: one stored operation each. What has not been
 * transferred yet is taken back once it is. A reversal waits while his account has not enough, and tries again with
 * whatever reaches it next; until then the books have a receivable.
 */
export async function queueRecovery(tx: Tx, hold: Hold): Promise<void> {
  await tx.em.flush();
  const [open] = await tx.query<{ sum: string }>(
    `select coalesce(sum(amount_minor), 0)::text as sum from money_operations
     where hold_id = $1 and kind = 'reversal' and state not in ('succeeded', 'withheld')`,
    [hold.id],
  );
  let missing = hold.owedMinor - BigInt(open?.sum ?? 0);
  for (const { transfer_id: transferId, left_minor } of await tx.query<Reversible>(reversible, [hold.id])) {
    const left = BigInt(left_minor);
    const amount = left < missing ? left : missing;
    if (amount <= 0n) continue;
    await queueOperation(tx, hold, { kind: 'reversal', amount, gross: amount, reason: transferId });
    missing -= amount;
  }
}

/**
 * Of what he owes this much is to be owed no longer: what is not at the processor is not asked of him. Answers how much
 * that is; the rest was taken back already, or is being. Whatever he owes else is queued anew by the caller.
 */
export async function dropRecovery(tx: Tx, hold: Hold, most: bigint): Promise<bigint> {
  await tx.query(
    `update money_operations set state = 'withheld', settled_at = $2
     where hold_id = $1 and kind = 'reversal' and state in ('queued', 'waiting')`,
    [hold.id, tx.now],
  );
  const [sent] = await tx.query<{ sum: string }>(
    `select coalesce(sum(amount_minor), 0)::text as sum from money_operations
     where hold_id = $1 and kind = 'reversal' and state in ('in_flight', 'unknown', 'pending')`,
    [hold.id],
  );
  return atLeastNothing(least(most, hold.owedMinor - BigInt(sent?.sum ?? 0)));
}

/** Something has reached his account: what he owes, for whichever work, is tried to be taken from it. */
export async function wakeRecoveries(tx: Tx, freelancerId: string): Promise<void> {
  await query(
    tx.em,
    `update money_operations o set next_at = $2 from holds h
     where h.id = o.hold_id and h.freelancer_id = $1 and o.kind = 'reversal' and o.state = 'waiting'`,
    [freelancerId, tx.now],
  );
  tx.wake(operationsRound);
}
