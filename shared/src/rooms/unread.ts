import type { FactType } from './event.ts';

const unreadTypes: ReadonlySet<string> = new Set<FactType>([
  'message.posted',
  'milestone.planned',
  'milestone.changed',
  'milestone.cancelled',
]);

/** Does this fact raise the unread count of everybody but its actor? (Messages, money and milestones.) */
export function countsAsUnread(type: string): boolean {
  return unreadTypes.has(type);
}
