import { queryOne, type Em } from '../../../kernel/sql.ts';
import { Hold } from '../entity.ts';
import { soughtFor } from './operations.ts';
import { lockedHold, type Working } from './owner.ts';
import { operationColumns, type OperationRow } from './queue.ts';
import type { Difference } from './reconcile.ts';
import { returnRefund } from './returning.ts';

/** A refund that succeeded may still come back from the client's bank, days later. */
export async function lookAtRefund(deps: Working, operationId: string): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const text = `select ${operationColumns}, false as in_doubt, false as key_is_old from money_operations o where o.id = $1`;
  const operation = await queryOne<OperationRow>(em, text, [operationId]);
  const holdId = operation?.hold_id;
  if (!operation || !holdId) return;
  const sought = await soughtFor(em, operation, await em.findOneOrFail(Hold, holdId));
  const result = await deps.processor.findOperation(sought);
  if (result?.status !== 'failed') return;
  const failed = { ...result, objectId: result.objectId ?? operation.object_id };
  await deps.transact({ id: null }, async (tx) =>
    returnRefund(tx, deps.owner, await lockedHold(tx, deps, holdId), operation, failed),
  );
}

/**
 * A refund that came back while its own answer was on the way, or whose news was lost, differs from the books until
 * somebody looks at it. Answers whether there was one.
 */
export async function lookAtReturned(deps: Working, differences: readonly Difference[]): Promise<boolean> {
  const returned = differences.filter(({ kind, what }) => kind === 'refund' && what === 'status');
  for (const { objectId } of returned) {
    const text = `select id from money_operations where kind = 'refund' and object_id = $1`;
    const operation = await queryOne<{ id: string }>(deps.orm.em.fork(), text, [objectId]);
    if (operation) await lookAtRefund(deps, operation.id);
  }
  return returned.length > 0;
}
