/**
 * What happens to a milestone and its money that people want to know of: it counts as unread, and the others are told.
 * Only that a payment has begun is not told, because its end is. The order is part of the pinned wire.
 */
export const milestoneNews = [
  'milestone.planned',
  'milestone.changed',
  'milestone.cancelled',
  'milestone.change.proposed',
  'milestone.change.accepted',
  'milestone.change.agreed',
  'milestone.change.declined',
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
  'milestone.refund.returned',
  'milestone.credit.paid',
  'milestone.cancellation.requested',
  'milestone.cancellation.declined',
  'milestone.overdue',
  'milestone.waiting',
  'chargeback.opened',
  'chargeback.closed',
  'chargeback.recovered',
] as const;
