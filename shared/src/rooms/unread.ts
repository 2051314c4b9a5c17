import type { FactType, RoomEvent } from './event.ts';
import { milestoneNews } from './milestone-news.ts';

const unreadTypes: ReadonlySet<string> = new Set<FactType>([
  'message.posted',
  'file.dropped',
  'file.versioned',
  ...milestoneNews,
  'milestone.funding',
]);

/** Does this fact raise the unread count of everybody but its actor? (Messages, files, money and milestones.) */
export function countsAsUnread(type: string): boolean {
  return unreadTypes.has(type);
}

/** The version of a file that this fact brought, and who did; null for any other fact. */
export function broughtVersion(event: RoomEvent): string | null {
  if (event.type !== 'file.dropped' && event.type !== 'file.versioned') return null;
  return versionKey(event.actorId, event.data.id, event.data.current.version);
}

/**
 * The versions whose own facts count no longer beside this one: a message counts once with the files that its author dropped
 * for it. That stays when the message is deleted, as its files go with it.
 */
export function settledVersions(event: RoomEvent): string[] {
  if (event.type !== 'message.posted') return [];
  return event.data.files.map(({ fileId, version }) => versionKey(event.actorId, fileId, version));
}

function versionKey(actorId: string | null, fileId: string, version: number): string {
  return `${actorId} ${fileId} ${version}`;
}
