import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';
import type { Tx } from '../../../kernel/transact.ts';
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

/** SQL: whoever stands on that side of the milestone $3. */
const idOf = (side: SideNotice['side']) =>
  `(select p.${side}_id from projects p join milestones s on s.project_id = p.id where s.id = $3)`;

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
