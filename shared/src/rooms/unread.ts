import type { FactType } from './event.ts';
import { milestoneNews } from './milestone-news.ts';

const unreadTypes: ReadonlySet<string> = new Set<FactType>(['message.posted', ...milestoneNews, 'milestone.funding']);

/** Does this fact raise the unread count of everybody but its actor? (Messages, money and milestones.) */
export function countsAsUnread(type: string): boolean {
  return unreadTypes.has(type);
}
