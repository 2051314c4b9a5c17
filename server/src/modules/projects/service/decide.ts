import { Failure } from '@safesend/shared/failure.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';

/** A thing whose fate can be decided once, and the facts that do. */
interface Fate {
  readonly roomId: string;
  readonly id: string;
  readonly types: readonly RoomFact['type'][];
}

/** Makes a move; one that comes too late fails, and who may see the fact that decided otherwise is shown which. */
export async function decide(tx: Tx, fate: Fate, move: () => void | Promise<void>): Promise<void> {
  try {
    await move();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'conflict') throw error;
    const winner = await findVisibleWinner(tx, fate);
    throw new Failure('conflict', error.message, winner ? { winner: { roomId: fate.roomId, ...winner } } : {});
  }
}

async function findVisibleWinner(tx: Tx, { roomId, id, types }: Fate) {
  return queryOne<{ seq: number; type: string; id: string }>(
    tx.em,
    `select f.seq::float8 as seq, f.type, f.id from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type = any($2) and coalesce(p.data ->> 'invitationId', p.data -> 'milestone' ->> 'id', p.data ->> 'id') = $3
       and exists (select from memberships m where m.room_id = $1 and m.user_id = $4 and m.until_seq is null)
       and exists (select from memberships m where m.room_id = $1 and m.user_id = $4 and f.seq >= m.from_seq
                   and (m.until_seq is null or f.seq <= m.until_seq))
     order by f.seq desc limit 1`,
    [roomId, types, id, tx.me],
  );
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
