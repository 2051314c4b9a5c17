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
  'milestone.ended': m.notifications_milestone_ended,
  'milestone.change.proposed': m.notifications_money_change_proposed,
  'milestone.change.accepted': m.notifications_money_change_accepted,
  'milestone.change.agreed': m.notifications_money_change_agreed,
  'milestone.change.declined': m.notifications_money_change_declined,
  'milestone.funded': m.notifications_money_funded,
  'payment.failed': m.notifications_money_payment_failed,
  'milestone.started': m.notifications_money_started,
  'milestone.submitted': m.notifications_money_submitted,
  'milestone.changes.requested': m.notifications_money_changes_requested,
  'milestone.approved': m.notifications_money_approved,
  'milestone.releasing': m.notifications_money_releasing,
  'milestone.released': m.notifications_money_released,
  'milestone.refunding': m.notifications_money_refunding,
  'milestone.refunded': m.notifications_money_refunded,
  'milestone.refund.returned': m.notifications_money_refund_returned,
  'milestone.credit.paid': m.notifications_money_credit_paid,
  'milestone.cancellation.requested': m.notifications_money_ending,
  'milestone.cancellation.declined': m.notifications_money_ending_declined,
  'milestone.overdue': m.notifications_money_overdue,
  'milestone.waiting': m.notifications_money_waiting,
  'chargeback.opened': m.notifications_money_chargeback,
  'chargeback.closed': m.notifications_money_chargeback_closed,
  'chargeback.won': m.notifications_money_chargeback_won,
  'chargeback.lost': m.notifications_money_chargeback_lost,
  'chargeback.recovered': m.notifications_money_recovered,
  'payout.paid': m.notifications_money_payout_paid,
  'payout.failed': m.notifications_money_payout_failed,
  'review.3d': m.notifications_money_review_3d,
  'review.1d': m.notifications_money_review_1d,
  'deadline.2d': m.notifications_money_deadline_2d,
  'funding.3d': m.notifications_money_funding_3d,
  'funding.1d': m.notifications_money_funding_1d,
  'evidence.3d': m.notifications_money_evidence_3d,
  'evidence.1d': m.notifications_money_evidence_1d,
  'evidence.0d': m.notifications_money_evidence_0d,
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
