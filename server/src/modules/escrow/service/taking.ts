import { queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { OperationRow } from './queue.ts';

/** Each taking of an operation counts: only who took it last has it. */
type Taken = Pick<OperationRow, 'id' | 'attempts'>;

const itIsHis = `id = $1 and attempts = $2 and state = 'in_flight'`;

/** The key to send it under, a new one where the old may be forgotten. Null: his time was over, and another has it now. */
export async function keyOf(em: Em, { id, attempts }: Taken, isForgotten: boolean): Promise<string | null> {
  const row = await queryOne<{ key: string }>(
    em,
    isForgotten
      ? `update money_operations set idempotency_key = 'op_' || id || '.' || attempts, first_sent_at = product_now()
         where ${itIsHis} returning idempotency_key as key`
      : `select idempotency_key as key from money_operations where ${itIsHis}`,
    [id, attempts],
  );
  return row?.key ?? null;
}

/**
 * Of unsettled operations that ask for something else now: a key that was ever sent stands for what was asked for before. It is as good
 * as forgotten: read back first, and replaced where nobody received it.
 */
export async function forgetKeys(tx: Tx, which: string, values: readonly unknown[]): Promise<void> {
  await tx.query(
    `update money_operations set first_sent_at = first_sent_at - interval '1 day' where settled_at is null and ${which}`,
    values,
  );
}

/** Is it still his who took it? Only he writes down what came of it. */
export async function lockTaken(tx: Tx, { id, attempts }: Taken): Promise<boolean> {
  const taken = await tx.query(`select 1 as one from money_operations where ${itIsHis} for update`, [id, attempts]);
  return taken.length > 0;
}
