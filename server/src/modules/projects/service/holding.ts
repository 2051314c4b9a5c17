import type { Movement, Payment, Waiting } from '@safesend/shared/escrow/hold.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../../escrow/entity.ts';
import { presentHold } from '../../escrow/present.ts';
import type { HoldOwner } from '../../escrow/service/owner.ts';
import { lockMilestone, type MilestoneInHand } from '../access.ts';
import type { Milestone } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { dropClocks, pauseClock, resumeClock, setDeadline } from './clocks.ts';

/** What a milestone does when something happened to its money. */
export const milestonesHold: HoldOwner = {
  async lock(tx, milestoneId) {
    await lockMilestone(tx, milestoneId);
  },
  async funded(tx, hold, payment, movement) {
    const { milestone } = await withMoney(tx, hold);
    milestone.fund();
    await dropClocks(tx, milestone, 'payment');
    await setDeadline(tx, milestone);
    return tx.append(hold.roomId, {
      type: 'milestone.funded',
      data: { milestone: presentMilestone(milestone), payment, movement },
    });
  },
  async paymentFailed(tx, hold, payment) {
    const { milestone } = await withMoney(tx, hold);
    milestone.waiting = { reason: 'declined', on: 'client', paymentId: payment.id, since: tx.now.toISOString() };
    tx.append(hold.roomId, { type: 'payment.failed', data: { milestone: presentMilestone(milestone), payment } });
  },
  paymentEnded,
  released: (tx, hold, movement) => arrived(tx, hold, movement, 'milestone.released'),
  refunded: (tx, hold, movement) => arrived(tx, hold, movement, 'milestone.refunded'),
  async waits(tx, hold, waiting) {
    const { milestone } = await withMoney(tx, hold);
    if (sameWaiting(milestone.waiting ?? null, waiting)) return;
    milestone.waiting = waiting && { ...waiting, since: tx.now.toISOString() };
    tx.append(hold.roomId, { type: 'milestone.waiting', data: presentMilestone(milestone) });
  },
  async chargebackOpened(tx, hold, chargeback, movement) {
    const { milestone } = await withMoney(tx, hold);
    if (hold.frozenMinor > 0n) {
      milestone.dispute();
      await pauseClock(tx, milestone, 'review');
    }
    return tx.append(hold.roomId, {
      type: 'chargeback.opened',
      data: { milestone: presentMilestone(milestone), chargeback, movement },
    });
  },
  async chargebackClosed(tx, hold, chargeback, movement) {
    const { milestone } = await withMoney(tx, hold);
    if (hold.frozenMinor === 0n) await endDispute(tx, hold, milestone);
    return tx.append(hold.roomId, {
      type: 'chargeback.closed',
      data: { milestone: presentMilestone(milestone), chargeback, movement },
    });
  },
};

/** The milestone with what its hold is now. */
async function withMoney(tx: Tx, hold: Hold): Promise<MilestoneInHand> {
  // It is read anew: what this transaction has changed of it already must not be lost by that.
  await tx.em.flush();
  const inHand = await lockMilestone(tx, hold.milestoneId);
  inHand.milestone.hold = presentHold(hold);
  return inHand;
}

async function paymentEnded(tx: Tx, hold: Hold, payment: Payment): Promise<void> {
  const { milestone } = await withMoney(tx, hold);
  milestone.unfund();
  await dropClocks(tx, milestone, 'payment');
  const since = tx.now.toISOString();
  const isExpired = payment.status === 'expired';
  milestone.waiting = isExpired ? { reason: 'expired', on: 'client', paymentId: payment.id, since } : null;
  tx.append(hold.roomId, { type: 'payment.failed', data: { milestone: presentMilestone(milestone), payment } });
}

async function arrived(
  tx: Tx,
  hold: Hold,
  movement: Movement,
  type: 'milestone.released' | 'milestone.refunded',
): Promise<FactRef> {
  const { milestone } = await withMoney(tx, hold);
  milestone.waiting = null;
  if (milestone.status === 'approved' && !hold.hasMoney()) milestone.settle('released');
  return tx.append(hold.roomId, { type, data: { milestone: presentMilestone(milestone), movement } });
}

/** The bank has decided: the work goes on, or there is nothing left to go on for. */
async function endDispute(tx: Tx, hold: Hold, milestone: Milestone): Promise<void> {
  if (milestone.status !== 'disputed') return;
  milestone.endDispute();
  if (hold.hasMoney()) return resumeClock(tx, milestone, 'review');
  milestone.settle(hold.releasedMinor > 0n ? 'released' : 'refunded');
  await dropClocks(tx, milestone, 'review', 'deadline', 'proposal', 'cancellation');
}

function sameWaiting(is: Waiting | null, willBe: Omit<Waiting, 'since'> | null): boolean {
  return is?.reason === willBe?.reason && is?.paymentId === willBe?.paymentId;
}
