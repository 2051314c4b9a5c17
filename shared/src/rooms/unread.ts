import type { FactType } from './event.ts';

const unreadTypes: ReadonlySet<string> = new Set<FactType>([
  'message.posted',
  'milestone.planned',
  'milestone.changed',
  'milestone.cancelled',
  'milestone.change.proposed',
  'milestone.change.accepted',
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
  'milestone.cancellation.requested',
  'milestone.cancellation.declined',
  'milestone.overdue',
  'milestone.waiting',
  'chargeback.opened',
  'chargeback.closed',
]);

/** Does this fact raise the unread count of everybody but its actor? (Messages, money and milestones.) */
export function countsAsUnread(type: string): boolean {
  return unreadTypes.has(type);
}
