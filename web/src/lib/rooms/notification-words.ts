import type { Notification, NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

type Words = (names: { actor: string; room: string; subject: string }) => string;

const words: Record<NotificationKind, Words> = {
  mention: m.notifications_mention,
  reply: m.notifications_reply,
  direct: m.notifications_direct,
  file: m.notifications_file,
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
  // Nobody's doing is the clock's.
  'milestone.change.declined': (names) =>
    names.actor ? m.notifications_money_change_declined(names) : m.notifications_money_change_lapsed(names),
  'milestone.funded': m.notifications_money_funded,
  'payment.failed': m.notifications_money_payment_failed,
  'milestone.started': m.notifications_money_started,
  'milestone.submitted': m.notifications_money_submitted,
  'milestone.changes.requested': m.notifications_money_changes_requested,
  'milestone.approved': m.notifications_money_approved,
  'milestone.releasing': m.notifications_money_releasing,
  'milestone.released': m.notifications_money_released,
  'milestone.paid': m.notifications_money_released,
  'milestone.refunding': m.notifications_money_refunding,
  'milestone.refunded': m.notifications_money_refunded,
  'milestone.refund.returned': m.notifications_money_refund_returned,
  'milestone.credit.paid': m.notifications_money_credit_paid,
  'milestone.cancellation.requested': m.notifications_money_ending,
  'milestone.cancellation.declined': m.notifications_money_ending_declined,
  'milestone.overdue': m.notifications_money_overdue,
  'overdue.unfunded': m.notifications_money_overdue_unfunded,
  'milestone.waiting': m.notifications_money_waiting,
  'chargeback.opened': m.notifications_money_chargeback,
  'chargeback.closed': m.notifications_money_chargeback_closed,
  'chargeback.won': m.notifications_money_chargeback_won,
  'chargeback.lost': m.notifications_money_chargeback_lost,
  'chargeback.owed': m.notifications_money_chargeback_owed,
  'chargeback.recovered': m.notifications_money_recovered,
  'waiting.bank': m.notifications_money_waiting_bank,
  'waiting.payouts': m.notifications_money_waiting_payouts,
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
  'held.7d': m.notifications_money_held_7d,
  'held.1d': m.notifications_money_held_1d,
  'held.0d': m.notifications_money_held_0d,
};

type Sums = { actor: string; room: string; subject: string; amount: string };

/** With its amount; what was told before amounts were kept has none. Nobody's doing is the product's: a clock, an agreement. */
const moneyWords: Partial<Record<NotificationKind, (sums: Sums) => string>> = {
  'milestone.change.proposed': m.notifications_money_change_proposed_sum,
  'milestone.change.accepted': (sums) =>
    sums.actor ? m.notifications_money_change_accepted_sum(sums) : m.notifications_money_change_in_force_sum(sums),
  'milestone.change.agreed': m.notifications_money_change_agreed_sum,
  // Only where it lapsed because of it.
  'milestone.change.declined': m.notifications_money_change_unpaid_sum,
  'milestone.submitted': m.notifications_money_submitted_sum,
  'milestone.approved': (sums) =>
    sums.actor ? m.notifications_money_approved_sum(sums) : m.notifications_money_approved_clock_sum(sums),
  'milestone.cancellation.requested': m.notifications_money_ending_sum,
  'milestone.funded': m.notifications_money_funded_sum,
  'payment.failed': m.notifications_money_payment_failed_sum,
  'milestone.releasing': m.notifications_money_releasing_sum,
  'milestone.released': m.notifications_money_released_sum,
  'milestone.paid': m.notifications_money_paid_sum,
  'milestone.refunding': (sums) =>
    sums.actor ? m.notifications_money_refunding_sum(sums) : m.notifications_money_refunding_itself_sum(sums),
  'milestone.ended': m.notifications_milestone_ended_sum,
  'milestone.refunded': m.notifications_money_refunded_sum,
  'milestone.refund.returned': m.notifications_money_refund_returned_sum,
  'milestone.credit.paid': m.notifications_money_credit_paid_sum,
  'chargeback.opened': m.notifications_money_chargeback_sum,
  'chargeback.won': m.notifications_money_chargeback_won_sum,
  'chargeback.lost': m.notifications_money_chargeback_lost_sum,
  'chargeback.owed': m.notifications_money_chargeback_owed_sum,
  'chargeback.recovered': m.notifications_money_recovered_sum,
  'waiting.bank': m.notifications_money_waiting_bank_sum,
  'waiting.payouts': m.notifications_money_waiting_payouts_sum,
  'review.3d': m.notifications_money_review_3d_sum,
  'review.1d': m.notifications_money_review_1d_sum,
  'evidence.3d': m.notifications_money_evidence_3d_sum,
  'evidence.1d': m.notifications_money_evidence_1d_sum,
  'evidence.0d': m.notifications_money_evidence_0d_sum,
  'held.7d': m.notifications_money_held_7d_sum,
  'held.1d': m.notifications_money_held_1d_sum,
  'held.0d': m.notifications_money_held_0d_sum,
  'payout.paid': m.notifications_money_payout_paid_sum,
  'payout.failed': m.notifications_money_payout_failed_sum,
};

/** A direct room has no name of its own: the person is the place. */
const wordsOfDirect: Partial<Record<NotificationKind, Words>> = {
  mention: m.notifications_mention_direct,
  reply: m.notifications_reply_direct,
};

export function notificationWords(told: Notification): string {
  const { kind, actorName, roomTitle, subject, amountMinor, currency } = told;
  const sayMoney = moneyWords[kind];
  if (sayMoney && amountMinor && currency)
    return sayMoney({ actor: actorName, room: roomTitle, subject, amount: formatMoney(amountMinor, currency) });
  const say = (roomTitle === '' && wordsOfDirect[kind]) || words[kind];
  return say({ actor: actorName, room: roomTitle, subject });
}
