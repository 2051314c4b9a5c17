import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { freeOf, isUnfunded } from '@safesend/shared/projects/moves.ts';
import type { Milestone, Reminder } from '@safesend/shared/projects/milestone.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { tellSettled } from '../service.ts';

/** Work that is to be handed in. */
const due: ReadonlySet<Milestone['status']> = new Set(['funded', 'started', 'changes_requested', 'disputed']);

const isEvidence = ({ kind }: Milestone['clocks'][number]) => kind === 'evidence';

const isInReview = ({ status }: Milestone) => status === 'submitted' || status === 'disputed';

/** What is asked of one side about a milestone, and until when it is: reading of it later would send him to do what is done. */
const questions: readonly {
  readonly kinds: readonly NotificationKind[];
  readonly isOpen: (milestone: Milestone) => boolean;
}[] = [
  { kinds: ['waiting.bank'], isOpen: ({ waiting }) => waiting?.reason === 'challenge' },
  {
    kinds: ['waiting.payouts'],
    // What the client is asked stands in front of it; the money waits all the same.
    isOpen: ({ waiting, hold }) =>
      waiting?.reason === 'payout_onboarding' || (waiting?.on === 'client' && (hold?.releasingMinor ?? 0) > 0),
  },
  { kinds: ['milestone.submitted'], isOpen: isInReview },
  { kinds: ['review.3d', 'review.1d'], isOpen: isInReview },
  { kinds: ['deadline.2d'], isOpen: ({ status }) => due.has(status) },
  { kinds: ['evidence.3d', 'evidence.1d', 'evidence.0d'], isOpen: ({ clocks }) => clocks.some(isEvidence) },
  { kinds: ['milestone.change.proposed'], isOpen: ({ proposal }) => proposal?.acceptedBy === null },
  { kinds: ['milestone.cancellation.requested'], isOpen: ({ cancellation }) => cancellation !== null },
  { kinds: ['held.7d', 'held.1d', 'held.0d'], isOpen: ({ hold }) => freeOf(hold) > 0 },
  { kinds: ['funding.3d', 'funding.1d', 'overdue.unfunded'], isOpen: isUnfunded },
];

/** Whoever was asked for something that has happened since, or that nobody waits for any more, has nothing left to read. */
export async function settleAnswered(
  tx: Tx,
  roomId: string,
  milestone: Milestone,
  type: RoomFact['type'],
): Promise<void> {
  const kinds = questions.flatMap((question) => (question.isOpen(milestone) ? [] : question.kinds));
  await settle(tx, roomId, milestone, [...kinds, ...askedAnew(type)]);
}

/** What is handed in or proposed once more takes the place of what was before; once it is overdue nobody needs to read when it is due. */
function askedAnew(type: RoomFact['type']): readonly NotificationKind[] {
  if (type === 'milestone.overdue') return ['funding.3d', 'funding.1d', 'deadline.2d'];
  return type === 'milestone.submitted' || type === 'milestone.change.proposed' ? [type] : [];
}

/** With a day left nobody needs to read that there were three. */
export async function settleEarlier(tx: Tx, roomId: string, milestone: Milestone, reminder: Reminder): Promise<void> {
  const [about = '', left = ''] = reminder.split('.');
  const earlier = questions.flatMap(({ kinds }) => kinds).filter((kind) => kind.startsWith(`${about}.`));
  await settle(
    tx,
    roomId,
    milestone,
    earlier.filter((kind) => parseInt(kind.slice(about.length + 1)) > parseInt(left)),
  );
}

async function settle(tx: Tx, roomId: string, milestone: Milestone, kinds: readonly string[]): Promise<void> {
  const settled = await tx.query<{ id: string; inbox_room_id: string }>(
    `with due as (
       select n.id, u.inbox_room_id from memberships m
         join users u on u.id = m.user_id
         join notifications n on n.user_id = m.user_id and n.room_id = m.room_id and n.read_at is null
         join fact_payloads p on p.room_id = n.room_id and p.seq = n.seq
       where m.room_id = $1 and m.until_seq is null and n.kind = any($2)
         and coalesce(p.data -> 'milestone' ->> 'id', p.data ->> 'id') = $3
       order by n.user_id, n.inbox_seq for update of n
     )
     update notifications n set read_at = $4 from due where n.id = due.id returning n.id, due.inbox_room_id`,
    [roomId, kinds, milestone.id, tx.now],
  );
  tellSettled(tx, settled);
}
