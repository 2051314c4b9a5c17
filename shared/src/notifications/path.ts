import type { Notification } from './notification.ts';

/** The very fact it tells of, or the page that lists it, as a path of ours; null where there is nothing left to go to. */
export function notificationPath({
  kind,
  roomId,
  seq,
  invitationId,
}: Pick<Notification, 'kind' | 'roomId' | 'seq' | 'invitationId'>): string | null {
  if (kind === 'invited' && invitationId) return `/invitations/${invitationId}`;
  if (kind === 'payout.paid' || kind === 'payout.failed') return '/payments/payouts';
  if (roomId === null) return null;
  return seq === null ? `/rooms/${roomId}` : `/rooms/${roomId}?seq=${seq}`;
}
