import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { titleUpTo, untilLeft } from '../../rooms/service/titles.ts';
import { raise, type Notice } from '../service.ts';
import type { Amount } from './amounts.ts';
import { everybodyElse, findAudience, others, words, type Audience } from './audience.ts';

/** What a notification says of a milestone. */
export interface Told {
  readonly id: string;
  readonly title: string;
}

interface SideNotice extends Pick<Notice, 'about' | 'readBy'> {
  readonly milestone: Told;
  readonly side: 'client' | 'freelancer';
  readonly kind: NotificationKind;
  readonly amount: Amount | null;
}

/** SQL: whoever stands on that side of the milestone $3. Once it is paid for, that is whose money it is: others may have taken over. */
const idOf = (side: SideNotice['side']) =>
  `(select coalesce(h.${side}_id, p.${side}_id) from projects p join milestones s on s.project_id = p.id
    left join holds h on h.milestone_id = s.id and h.funded_minor > 0 where s.id = $3)`;

/** SQL: what the room $1 was called when u was in it last. */
const titleThen = `coalesce(${titleUpTo('r.id', untilLeft('r.id', 'u.id'))}, r.title)`;

/** The one whose money it is, where he has left: he is told in his inbox, and cannot go there. */
export async function tellFormer(tx: Tx, { milestone, side, ...notice }: SideNotice): Promise<void> {
  const audience = await findAudience(
    tx,
    `select u.id as user_id, u.inbox_room_id, ${titleThen} as title, null as actor_name
     from holds h join users u on u.id = h.${side}_id join rooms r on r.id = $1
     where h.milestone_id = $3 and h.funded_minor > 0 and u.closed_at is null and u.id is distinct from $2::uuid
       and not exists (select from memberships m where m.room_id = $1 and m.user_id = u.id and m.until_seq is null)`,
    [notice.about.roomId, milestone.id],
  );
  tell(tx, audience, { ...notice, isReachable: false, subject: milestone.title });
}

export const but = (...sides: readonly SideNotice['side'][]) =>
  [everybodyElse, ...sides.map((side) => `m.user_id is distinct from ${idOf(side)}`)].join(' and ');

export async function tellSide(tx: Tx, { milestone, side, ...notice }: SideNotice): Promise<void> {
  const audience = await findAudience(tx, `select ${words} from ${others} and m.user_id = ${idOf(side)}`, [
    notice.about.roomId,
    milestone.id,
  ]);
  tell(tx, audience, { ...notice, isReachable: true, subject: milestone.title });
}

export function tell(
  tx: Tx,
  { recipients, actorName, roomTitle }: Audience,
  notice: Omit<Notice, 'actorName' | 'roomTitle'>,
): void {
  raise(tx, recipients, { ...notice, actorName, roomTitle });
}
