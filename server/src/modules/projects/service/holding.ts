import type { Movement, Payment, Together, Waiting } from '@safesend/shared/escrow/hold.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../../escrow/entity.ts';
import { presentHold } from '../../escrow/present.ts';
import { decideRefund } from '../../escrow/service/decisions.ts';
import type { HoldOwner } from '../../escrow/service/owner.ts';
import { isAllFrozen } from '../../escrow/service/withholding.ts';
import { lockMilestone, type MilestoneInHand } from '../access.ts';
import type { Milestone, Project } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { agreeOnPaid } from './agreeing.ts';
import {
  dropClocks,
  endClock,
  findClock,
  pauseClock,
  remindOfHold,
  resumeClock,
  setClock,
  setDeadline,
} from './clocks.ts';
import { endPaying, settle, tellMoved } from './money.ts';

/** What a milestone does when something happened to its money. */
export const milestonesHold: HoldOwner = {
  async lock(tx, milestoneId) {
    await lockMilestone(tx, milestoneId);
  },
  async funded(tx, hold, payment, movement) {
    const inHand = await withMoney(tx, hold);
    const { project, milestone } = inHand;
    const isPlan = project.status === 'active' && isBetween(project, hold) && milestone.isPaidBy(movement.amountMinor);
    const isTopUp = !isPlan && milestone.isToppedUpBy(movement.amountMinor);
    const isWanted = isPlan || isTopUp;
    const goesOn = !isWanted && (milestone.status === 'funding' || milestone.awaitsTopUp());
    // The clock may be that of another attempt: it goes on, or has nothing to pay for any more.
    if (!goesOn) await endPaying(tx, milestone, 'cancelled');
    if (isPlan) milestone.fund();
    if (isPlan) await setDeadline(tx, milestone);
    if (isPlan && hold.heldUntil) await remindOfHold(tx, milestone, hold.heldUntil);
    if (isTopUp) await agreeOnPaid(tx, inHand);
    if (isWanted) milestone.waiting ??= stillOwed(tx, hold);
    const data = { milestone: presentMilestone(milestone), payment, movement };
    return { fact: tx.append(hold.roomId, { type: 'milestone.funded', data }), isWanted };
  },
  async isBetween(tx, hold) {
    const { project } = await lockMilestone(tx, hold.milestoneId);
    if (!isBetween(project, hold)) return false;
    const [there] = await tx.query<{ count: number }>(
      `select count(*)::int from memberships m join users u on u.id = m.user_id
       where m.room_id = $1 and m.user_id = any($2) and m.until_seq is null and u.closed_at is null`,
      [project.roomId, [hold.clientId, hold.freelancerId]],
    );
    return there?.count === 2;
  },
  async giveBack(tx, hold, amount) {
    const why = 'What it was to pay for had ended or changed.';
    const inHand = await withMoney(tx, hold);
    await tellMoved(tx, inHand, hold, await decideRefund(tx, hold, amount, why), 'milestone.refunding', why);
  },
  async paymentFailed(tx, hold, payment) {
    const { milestone } = await withMoney(tx, hold);
    milestone.waiting = { reason: 'declined', on: 'client', paymentId: payment.id, since: tx.now.toISOString() };
    tx.append(hold.roomId, { type: 'payment.failed', data: { milestone: presentMilestone(milestone), payment } });
  },
  paymentEnded,
  released: (tx, hold, movement, together) => arrived(tx, hold, 'milestone.released', { movement, together }),
  refunded: (tx, hold, movement, together) => arrived(tx, hold, 'milestone.refunded', { movement, together }),
  async refundReturned(tx, hold, movement) {
    const { milestone } = await withMoney(tx, hold);
    // He may have it over his bank already: then nothing waits.
    if (hold.creditMinor > 0n) milestone.waiting = milestone.awaitsPayer() ? milestone.waiting : refundReturned(tx);
    else if (milestone.waiting?.reason === 'refund_returned' || isIdle(milestone, hold)) milestone.waiting = null;
    endIfArrived(milestone, hold);
    const data = { milestone: presentMilestone(milestone), movement };
    return tx.append(hold.roomId, { type: 'milestone.refund.returned', data });
  },
  async creditPaid(tx, hold, movement, reference) {
    const { milestone } = await withMoney(tx, hold);
    if (milestone.waiting?.reason === 'refund_returned') milestone.waiting = null;
    const data = { milestone: presentMilestone(milestone), movement, reference };
    return tx.append(hold.roomId, { type: 'milestone.credit.paid', data });
  },
  async recovered(tx, hold, movement) {
    const { milestone } = await withMoney(tx, hold);
    if (milestone.waiting?.reason === 'recovery' && hold.owedMinor === 0n) milestone.waiting = stillOwed(tx, hold);
    const data = { milestone: presentMilestone(milestone), movement };
    return tx.append(hold.roomId, { type: 'chargeback.recovered', data });
  },
  async waits(tx, hold, waiting) {
    const { milestone } = await withMoney(tx, hold);
    if (sameWaiting(milestone.waiting ?? null, waiting)) return;
    // His card or his bank asks him within a day; what waits for others is said again when it is tried next.
    if (waiting?.paymentId === null && milestone.isBeingPaid()) return;
    if (!waiting && milestone.waiting && !milestone.awaitsPayer()) return;
    milestone.waiting = waiting ? { ...waiting, since: tx.now.toISOString() } : stillOwed(tx, hold);
    tx.append(hold.roomId, { type: 'milestone.waiting', data: presentMilestone(milestone) });
  },
  async frozen(tx, hold) {
    const { milestone } = await withMoney(tx, hold);
    if (!(await isHeldBack(tx, milestone, hold))) return;
    milestone.waiting = stillOwed(tx, hold);
    tx.append(hold.roomId, { type: 'milestone.waiting', data: presentMilestone(milestone) });
  },
  async chargebackOpened(tx, hold, chargeback, movement) {
    const { milestone } = await withMoney(tx, hold);
    if (hold.frozenMinor > 0n) {
      milestone.dispute();
      await pauseClock(tx, milestone, 'review');
    }
    if (await isHeldBack(tx, milestone, hold)) milestone.waiting = stillOwed(tx, hold);
    await setEvidenceClock(tx, milestone, chargeback.evidenceDueAt);
    return tx.append(hold.roomId, {
      type: 'chargeback.opened',
      data: { milestone: presentMilestone(milestone), chargeback, movement },
    });
  },
  async chargebackClosed(tx, hold, chargeback, movement, undecided) {
    const { milestone } = await withMoney(tx, hold);
    if (hold.frozenMinor === 0n) await endDispute(tx, hold, milestone);
    if (isIdle(milestone, hold)) milestone.waiting = null;
    if (hold.heldMinor > 0n) milestone.reopen();
    endIfArrived(milestone, hold);
    if (hold.creditMinor === 0n && milestone.waiting?.reason === 'refund_returned') milestone.waiting = null;
    else if (hold.creditMinor > 0n) milestone.waiting ??= refundReturned(tx);
    await dropClocks(tx, milestone, 'evidence');
    if (undecided) await setEvidenceClock(tx, milestone, undecided.evidenceDueAt);
    return tx.append(hold.roomId, {
      type: 'chargeback.closed',
      data: { milestone: presentMilestone(milestone), chargeback, movement },
    });
  },
};

/** A bank hears what speaks against it until then, of two the earlier end counts; afterwards it has still to decide. */
export async function setEvidenceClock(tx: Tx, milestone: Milestone, evidenceDueAt: string | null): Promise<void> {
  const due = evidenceDueAt === null ? null : new Date(evidenceDueAt);
  const known = findClock(milestone, 'evidence')?.dueAt;
  if (due && due > tx.now && !(known && new Date(known) <= due)) return setClock(tx, milestone, 'evidence', due);
  if (!known) endClock(milestone, 'evidence');
}

/** Others may have taken over since an attempt that had ended: its late money is none of theirs. */
function isBetween({ clientId, freelancerId }: Project, hold: Hold): boolean {
  return hold.clientId === clientId && hold.freelancerId === freelancerId;
}

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
  if (milestone.awaitsTopUp()) milestone.waiting = { reason: 'top_up', on: 'client', paymentId: null, since };
  else if (isExpired) milestone.waiting = { reason: 'expired', on: 'client', paymentId: payment.id, since };
  else if (milestone.awaitsPayer()) milestone.waiting = stillOwed(tx, hold);
  tx.append(hold.roomId, { type: 'payment.failed', data: { milestone: presentMilestone(milestone), payment } });
}

async function arrived(
  tx: Tx,
  hold: Hold,
  type: 'milestone.released' | 'milestone.refunded',
  { movement, together }: { readonly movement: Movement; readonly together: Together | null },
): Promise<FactRef> {
  const { milestone } = await withMoney(tx, hold);
  if (!isStillAsked(milestone, hold)) milestone.waiting = stillOwed(tx, hold);
  endIfArrived(milestone, hold);
  const data = { milestone: presentMilestone(milestone), movement, ...(together && { together }) };
  return tx.append(hold.roomId, { type, data });
}

/** Does it wait for something that has nothing to do with what has arrived: a payment, or a refund that is given back once more? */
function isStillAsked(milestone: Milestone, hold: Hold): boolean {
  if (milestone.awaitsPayer()) return true;
  return milestone.waiting?.again === true && hold.creditMinor > 0n;
}

/** A refund that came back waits for the client, whatever arrives beside it. */
function stillOwed(tx: Tx, hold: Hold): Waiting | null {
  return hold.creditMinor > 0n ? refundReturned(tx) : null;
}

function refundReturned(tx: Tx): Waiting {
  return { reason: 'refund_returned', on: 'client', paymentId: null, since: tx.now.toISOString() };
}

/** Does it wait for something to arrive that is not on its way any more? */
function isIdle({ waiting }: Milestone, hold: Hold): boolean {
  if (waiting?.reason === 'recovery') return hold.owedMinor === 0n;
  if (waiting?.reason === 'payout_onboarding') return hold.releasingMinor === 0n;
  return waiting?.reason === 'processor' && hold.releasingMinor + hold.refundingMinor === 0n;
}

/** Does it wait for something that would not send it: the bank has to decide first? */
async function isHeldBack(tx: Tx, { waiting }: Milestone, hold: Hold): Promise<boolean> {
  if (waiting?.reason === 'payout_onboarding') return isAllFrozen(tx, hold, ['transfer']);
  return waiting?.reason === 'processor' && isAllFrozen(tx, hold, ['transfer', 'refund']);
}

function endIfArrived(milestone: Milestone, hold: Hold): void {
  if (milestone.status === 'approved' && !hold.hasMoney())
    milestone.settle(hold.releasedMinor > 0n ? 'released' : 'refunded');
}

/** The bank has decided: the work goes on, or there is nothing left to go on for. */
async function endDispute(tx: Tx, hold: Hold, milestone: Milestone): Promise<void> {
  if (milestone.status !== 'disputed') return;
  const { disputedFrom } = milestone;
  milestone.endDispute();
  if (hold.heldMinor === 0n) return settle(tx, milestone, hold, 'refunded');
  // One that a request for changes had paused waits for the next submission.
  if (disputedFrom === 'submitted') await resumeClock(tx, milestone, 'review');
}

function sameWaiting(is: Waiting | null, willBe: Omit<Waiting, 'since'> | null): boolean {
  return is?.reason === willBe?.reason && is?.paymentId === willBe?.paymentId && is?.again === willBe?.again;
}
