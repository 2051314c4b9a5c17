import type { Currency } from '@safesend/shared/money.ts';
import { query, type Em } from '../../../kernel/sql.ts';

/** A call that the processor refused; its money is where it was, and it is tried again until a person has seen to it. */
export interface Refused {
  readonly kind: 'transfer' | 'reversal';
  readonly operationId: string;
  readonly milestoneId: string;
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly attempts: number;
  /** What the processor said. */
  readonly message: string;
}

export const refusedWhere = `o.waiting_reason = 'processor' and o.state in ('waiting', 'in_flight')`;

export async function findRefused(em: Em, processor: string): Promise<Refused[]> {
  return query<Refused>(
    em,
    `select o.kind, o.id as "operationId", h.milestone_id as "milestoneId", o.amount_minor::float8 as "amountMinor",
       o.currency, o.attempts, coalesce(o.error, '') as message
     from money_operations o join holds h on h.id = o.hold_id where ${refusedWhere} and h.processor = $1 order by o.created_at`,
    [processor],
  );
}
