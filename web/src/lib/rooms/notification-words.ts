import type { Notification, NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { m } from '#lib/paraglide/messages.js';

type Words = (names: { actor: string; room: string; subject: string }) => string;

const words: Record<NotificationKind, Words> = {
  mention: m.notifications_mention,
  reply: m.notifications_reply,
  direct: m.notifications_direct,
  invited: m.notifications_invited,
  'invitation.declined': m.notifications_declined,
  'member.joined': m.notifications_joined,
  'member.left': m.notifications_left,
  'member.removed': m.notifications_removed,
  'project.activated': m.notifications_activated,
  'project.completed': m.notifications_completed,
  'project.cancelled': m.notifications_cancelled,
  'project.deleted': m.notifications_deleted,
  'milestone.planned': m.notifications_milestone_planned,
  'milestone.changed': m.notifications_milestone_changed,
  'milestone.cancelled': m.notifications_milestone_cancelled,
};

/** A direct room has no name of its own: the person is the place. */
const wordsOfDirect: Partial<Record<NotificationKind, Words>> = {
  mention: m.notifications_mention_direct,
  reply: m.notifications_reply_direct,
};

export function notificationWords({ kind, actorName, roomTitle, subject }: Notification): string {
  const say = (roomTitle === '' && wordsOfDirect[kind]) || words[kind];
  return say({ actor: actorName, room: roomTitle, subject });
}

/** The very fact it tells of; null where there is nothing left to go to. */
export function notificationHref({ kind, roomId, seq, invitationId }: Notification): string | null {
  if (kind === 'invited' && invitationId) return `/invitations/${invitationId}`;
  if (roomId === null) return null;
  return seq === null ? `/rooms/${roomId}` : `/rooms/${roomId}?seq=${seq}`;
}
