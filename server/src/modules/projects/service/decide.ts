import { Failure } from '@safesend/shared/failure.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { findWinner, type Fate } from '../../rooms/service/winner.ts';
import type { Project } from '../entity.ts';

/** Makes a move; one that comes too late fails, and who may see the fact that decided otherwise is shown which. */
export async function decide(tx: Tx, fate: Fate, move: () => void | Promise<void>): Promise<void> {
  try {
    await move();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'conflict') throw error;
    const winner = await findWinner(tx.em, tx.me, fate);
    throw new Failure('conflict', error.message, { ...error.details, ...(winner && { winner }) });
  }
}

/** What is about to be done needs a project that is not over. */
export function requireOpen(tx: Tx, project: Project): Promise<void> {
  return decide(tx, { roomId: project.roomId, id: project.id, types: projectFates }, () => project.requireOpen());
}

export const projectFates: readonly RoomFact['type'][] = [
  'project.activated',
  'project.completed',
  'project.cancelled',
];
/** Facts after which a milestone may no longer do what it could before. */
export const milestoneFates: readonly RoomFact['type'][] = [
  'milestone.cancelled',
  'milestone.change.proposed',
  'milestone.change.accepted',
  'milestone.change.agreed',
  'milestone.change.declined',
  'milestone.funding',
  'milestone.funded',
  'payment.failed',
  'milestone.started',
  'milestone.submitted',
  'milestone.changes.requested',
  'milestone.approved',
  'milestone.releasing',
  'milestone.released',
  'milestone.refunding',
  'milestone.refunded',
  'milestone.refund.returned',
  'milestone.credit.paid',
  'milestone.cancellation.requested',
  'milestone.cancellation.declined',
  'chargeback.opened',
  'chargeback.closed',
  'chargeback.recovered',
];
export const invitationFates: readonly RoomFact['type'][] = [
  'member.joined',
  'invitation.declined',
  'invitation.revoked',
];
