import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Amount } from './amounts.ts';

/**
 * What was not paid of a change that lapsed, where both sides had agreed to it; null where nobody had answered. The fact that
 * ends it names neither, and what is known of it before is in the log: the last thing that was said of a change.
 */
export async function findUnpaid(tx: Tx, roomId: string, { id, currency }: Milestone): Promise<Amount | null> {
  const [last] = await tx.query<{ type: string; unpaid: number | null }>(
    `select f.type, (p.data -> 'proposal' -> 'money' ->> 'topUpMinor')::float8 as unpaid
     from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type in ('milestone.change.proposed', 'milestone.change.agreed') and p.data ->> 'id' = $2
     order by f.seq desc limit 1`,
    [roomId, id],
  );
  return last?.type === 'milestone.change.agreed' && last.unpaid ? { amountMinor: last.unpaid, currency } : null;
}
