import { z } from 'zod';
import { id } from '../ids.ts';
import { currency } from '../money.ts';
import { milestoneNews } from '../rooms/milestone-news.ts';
import { moment } from '../values.ts';

export const notificationKind = z.enum([
  'mention',
  'reply',
  'direct',
  /** A file without words, where a message would be `direct`. */
  'file',
  'invited',
  'invitation.declined',
  'member.joined',
  'member.left',
  'member.removed',
  'project.activated',
  'project.completed',
  'project.cancelled',
  'project.deleted',
  ...milestoneNews,
  /** What became of money that was held: both sides agreed to end it; the bank decided for the freelancer, for the client. */
  'milestone.ended',
  /** `milestone.released` to everybody but the freelancer: he reads what reached him, the others what was paid of the hold. */
  'milestone.paid',
  'chargeback.won',
  'chargeback.lost',
  /** `chargeback.lost` to the freelancer who owes what it took of what was released to him. */
  'chargeback.owed',
  /** `milestone.waiting` to the one it waits for: the client's bank asks him, the freelancer has not set up payouts. */
  'waiting.bank',
  'waiting.payouts',
  'payout.paid',
  'payout.failed',
  /** The review ends by itself in 3 days, in 1 day. */
  'review.3d',
  'review.1d',
  /** The work is due in 2 days. */
  'deadline.2d',
  'funding.3d',
  'funding.1d',
  /** `milestone.overdue` of work that nobody has paid for yet. */
  'overdue.unfunded',
  /** What speaks against a chargeback must be handed in: in 3 days, in 1 day, now. */
  'evidence.3d',
  'evidence.1d',
  'evidence.0d',
  /** Nobody has decided about money that should not be held for more than 7 days more, 1 day more, or longer. */
  'held.7d',
  'held.1d',
  'held.0d',
]);
export type NotificationKind = z.infer<typeof notificationKind>;

/** Something that happened, told to one person. It never quotes a message: what is unsaid later must not live on here. */
export const notification = z.strictObject({
  id,
  kind: notificationKind,
  /** Where it happened: the deep link. `roomId` is null where the person can no longer go. */
  roomId: id.nullable(),
  seq: z.int().positive().nullable(),
  actorName: z.string(),
  roomTitle: z.string(),
  /** Milestone title and the like; empty where the kind needs none. */
  subject: z.string(),
  /** What it is about in money; null where it is about none. */
  amountMinor: z.int().positive().nullable(),
  currency: currency.nullable(),
  /** Only for `invited`. */
  invitationId: id.nullable(),
  createdAt: moment,
  readAt: moment.nullable(),
});
export type Notification = z.infer<typeof notification>;

/** A line of the centre. */
export const listedNotification = z.strictObject({
  ...notification.shape,
  /** Whose doing it is; null for the product itself, and where the person can no longer go. */
  actorId: id.nullable(),
  /** I am not in the room it happened in any more: nothing leads there, and nothing of it is told but what was. */
  hasLeft: z.boolean(),
  /** The beginning of what the message says now; null when it says nothing or is not mine to see. */
  excerpt: z.string().nullable(),
});
export type ListedNotification = z.infer<typeof listedNotification>;
