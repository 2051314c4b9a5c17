import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { presentChargeback, type ChargebackRow } from '../present.ts';
import { borneBy, shareAnew, sumOf } from './bearing.ts';
import { bookMoved } from './booking.ts';
import { findGivenBack, noteCovered } from './covering.ts';
import type { MoneyDeps } from './owner.ts';
import { queueOperation } from './queue.ts';
import { dropRecovery, queueRecovery } from './recovering.ts';
import { noteRisk } from './shares.ts';
import { giveBackStranded } from './stranded.ts';
import { findUndecided } from './undecided.ts';

/**
 * The bank decided anew: a chargeback that was lost is won, and its money is at the platform again. What the hold bore is
 * held, to be decided about once more; what the freelancer owed he owes no longer, what he had given back is sent to him
 * again, and the client has the credit again that it took. Where one of them has left meanwhile, what is held goes back.
 */
export async function winAppeal(
  tx: Tx,
  deps: Pick<MoneyDeps, 'owner'>,
  hold: Hold,
  lost: ChargebackRow,
): Promise<void> {
  const { id, payment_id: paymentId, owed_minor } = lost;
  const [amount, frozen, owed] = [BigInt(lost.amount_minor), BigInt(lost.frozen_minor), BigInt(owed_minor)];
  const forgiven = await dropRecovery(tx, hold, owed);
  const back = owed - forgiven;
  hold.restore(frozen, forgiven);
  if (back > 0n) await queueOperation(tx, hold, { kind: 'transfer', amount: back, gross: 0n, reason: id, paymentId });
  const [row] = await tx.query<ChargebackRow>(
    `update chargebacks set status = 'won', closed_at = $2, owed_minor = $3 where id = $1 returning *`,
    [id, tx.now, String(back)],
  );
  if (!row) throw new Error('a chargeback was not written');
  const credited = await findGivenBack(tx, paymentId);
  hold.credit(credited);
  const borne = await shareAnew(tx, hold, paymentId);
  await noteRisk(tx, hold);
  const others = borne.reduce((sum, it) => sum + sumOf(it), 0n);
  await bookMoved(tx, hold, {
    kind: 'chargeback_appealed',
    amount,
    operationId: null,
    objectId: id,
    tell: async (movement) => {
      await noteCovered(tx, hold, paymentId, -credited, movement);
      const undecided = await findUndecided(tx, hold.milestoneId);
      return deps.owner.chargebackClosed(tx, hold, presentChargeback(row, hold.milestoneId, 0n), movement, undecided);
    },
    entries: [
      { account: 'processor_balance', amountMinor: amount },
      { account: 'hold', ownerId: hold.id, amountMinor: -frozen },
      { account: 'receivable', ownerId: hold.freelancerId, amountMinor: -forgiven },
      { account: 'release_clearing', amountMinor: -back },
      { account: 'client_credit', ownerId: hold.clientId, amountMinor: -credited },
      ...borne.flatMap((it) => borneBy(hold, it)),
      { account: 'chargeback_loss', amountMinor: frozen + forgiven + back + credited - amount - others },
    ],
  });
  await queueRecovery(tx, hold);
  await giveBackStranded(tx, deps, hold);
}
