import { Failure } from '@safesend/shared/failure.ts';
import { answerDays } from '@safesend/shared/projects/limits.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireVerified } from '../../escrow/access.ts';
import { decideRefund } from '../../escrow/service/decisions.ts';
import {
  accessMoney,
  accessSeenMilestone,
  requirePlanner,
  requireSide,
  findRole,
  type MilestoneInHand,
} from '../access.ts';
import type { CancellationRequest } from '@safesend/shared/projects/milestone.ts';
import type { Milestone } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { dropClocks, findClock, setClock } from './clocks.ts';
import { requireOpen } from './decide.ts';
import { decided, endWork, requireHold, tellMoved } from './money.ts';

const dayMs = 86_400_000;

/** Takes a planned milestone out of the plan; ends nothing alone once it is paid for: then the other side is asked. */
export async function cancelMilestone(tx: Tx, milestoneId: string, reason: string | undefined): Promise<Milestone> {
  const inHand = await accessSeenMilestone(tx, milestoneId);
  const { project, milestone } = inHand;
  if (milestone.hold && milestone.status !== 'planned') return requestCancellation(tx, inHand, reason ?? '');
  const role = await findRole(tx.em, project.roomId, tx.me);
  if (role) requirePlanner(project, role, tx.me);
  await requireOpen(tx, project);
  await decided(tx, inHand, () => milestone.cancel());
  tx.append(project.roomId, { type: 'milestone.cancelled', data: presentMilestone(milestone) });
  return milestone;
}

async function requestCancellation(tx: Tx, inHand: MilestoneInHand, reason: string): Promise<Milestone> {
  const { project, milestone } = inHand;
  requireSide(project, tx.me, 'party');
  await decided(tx, inHand, async () => {
    milestone.requireMove('end');
    if (milestone.cancellation) throw new Failure('conflict', 'The end of this milestone was asked for already.');
    const hold = await requireHold(tx, milestone);
    requireHeld(hold);
    milestone.cancellation = asked(tx, hold, reason);
  });
  await setClock(tx, milestone, 'cancellation', new Date(tx.now.getTime() + answerDays * dayMs));
  tx.append(project.roomId, { type: 'milestone.cancellation.requested', data: presentMilestone(milestone) });
  return milestone;
}

/** Who bears what is said before anybody answers: the service fee paid for the charge and does not come back. */
function asked(tx: Tx, hold: { heldMinor: bigint; serviceFeeMinor: bigint }, reason: string): CancellationRequest {
  return {
    requestedBy: tx.me,
    reason,
    refundMinor: Number(hold.heldMinor),
    keptFeeMinor: Number(hold.serviceFeeMinor),
    requestedAt: tx.now.toISOString(),
    answerBy: new Date(tx.now.getTime() + answerDays * dayMs).toISOString(),
  };
}

/** The other side accepts, and what is held goes back; or declines. Whoever asked takes it back by declining. */
export async function answerCancellation(tx: Tx, milestoneId: string, accept: boolean): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'party');
  if (!accept) {
    await decided(tx, inHand, () => void requireRequest(inHand.milestone));
    await dropCancellation(tx, inHand);
    return inHand.milestone;
  }
  await requireVerified(tx);
  await acceptCancellation(tx, inHand);
  return inHand.milestone;
}

async function acceptCancellation(tx: Tx, inHand: MilestoneInHand): Promise<void> {
  const { project, milestone } = inHand;
  await decided(tx, inHand, async () => {
    const { requestedBy, reason, refundMinor } = requireRequest(milestone);
    if (requestedBy === tx.me) throw new Failure('forbidden', 'The other side answers your request, not you.');
    milestone.requireMove('end');
    // What is paid for more would come when there is nothing to pay for, and go back without its service fee.
    if (findClock(milestone, 'payment')) throw new Failure('conflict', 'It is being paid. Give that up first.');
    const hold = await requireHold(tx, milestone);
    // Who answers has seen one amount, more than nothing, and agrees to that one.
    if (hold.heldMinor !== BigInt(refundMinor))
      throw new Failure('conflict', 'What is held has changed since this was asked for. It has to be asked for again.');
    const why = reason === '' ? 'Both sides agreed to end this.' : reason;
    const decision = await decideRefund(tx, hold, hold.heldMinor, why);
    await endWork(tx, milestone);
    milestone.settle('cancelled');
    // As it happened: the answer sent the money back, and with that the milestone left the plan.
    await tellMoved(tx, inHand, hold, decision, 'milestone.refunding', why);
    tx.append(project.roomId, { type: 'milestone.cancelled', data: presentMilestone(milestone) });
  });
}

/** Also when nobody answered in time. */
export async function dropCancellation(tx: Tx, { project, milestone }: MilestoneInHand): Promise<void> {
  if (!milestone.cancellation) return;
  milestone.cancellation = null;
  await dropClocks(tx, milestone, 'cancellation');
  tx.append(project.roomId, { type: 'milestone.cancellation.declined', data: presentMilestone(milestone) });
}

/** What is on its way arrives without anybody's answer. */
function requireHeld({ heldMinor }: { heldMinor: bigint }): void {
  if (heldMinor === 0n) throw new Failure('conflict', 'Nothing is held any more that could go back.');
}

function requireRequest({ cancellation }: Milestone): CancellationRequest {
  if (!cancellation) throw new Failure('conflict', 'Nobody asked to end this.');
  return cancellation;
}
