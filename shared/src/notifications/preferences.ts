import { z } from 'zod';
import { notificationKind, type NotificationKind } from './notification.ts';

/** What people decide about together, in the order in which they are asked. */
export const notificationGroups = ['messages', 'people', 'projects', 'work', 'plans', 'money', 'reminders'] as const;
export type NotificationGroup = (typeof notificationGroups)[number];

/** Every kind stands in one group: a new one does not compile until it has its own. */
const groupOf: Readonly<Record<NotificationKind, NotificationGroup>> = {
  mention: 'messages',
  reply: 'messages',
  direct: 'messages',
  file: 'messages',
  invited: 'people',
  'invitation.declined': 'people',
  'member.joined': 'people',
  'member.left': 'people',
  'member.removed': 'people',
  'project.activated': 'projects',
  'project.completed': 'projects',
  'project.cancelled': 'projects',
  'project.deleted': 'projects',
  'milestone.planned': 'plans',
  'milestone.changed': 'plans',
  'milestone.cancelled': 'plans',
  'milestone.started': 'plans',
  'milestone.change.proposed': 'work',
  'milestone.change.accepted': 'work',
  'milestone.change.agreed': 'work',
  'milestone.change.declined': 'work',
  'milestone.submitted': 'work',
  'milestone.changes.requested': 'work',
  'milestone.approved': 'work',
  'milestone.cancellation.requested': 'work',
  'milestone.cancellation.declined': 'work',
  'milestone.funded': 'money',
  'payment.failed': 'money',
  'milestone.releasing': 'money',
  'milestone.released': 'money',
  'milestone.refunding': 'money',
  'milestone.refunded': 'money',
  'milestone.refund.returned': 'money',
  'milestone.credit.paid': 'money',
  'milestone.waiting': 'money',
  'milestone.ended': 'money',
  'milestone.paid': 'money',
  'chargeback.opened': 'money',
  'chargeback.closed': 'money',
  'chargeback.won': 'money',
  'chargeback.lost': 'money',
  'chargeback.recovered': 'money',
  'chargeback.owed': 'money',
  'waiting.bank': 'money',
  'waiting.payouts': 'money',
  'payout.paid': 'money',
  'payout.failed': 'money',
  'milestone.overdue': 'reminders',
  'overdue.unfunded': 'reminders',
  'review.3d': 'reminders',
  'review.1d': 'reminders',
  'deadline.2d': 'reminders',
  'funding.3d': 'reminders',
  'funding.1d': 'reminders',
  'evidence.3d': 'reminders',
  'evidence.1d': 'reminders',
  'evidence.0d': 'reminders',
  'held.7d': 'reminders',
  'held.1d': 'reminders',
  'held.0d': 'reminders',
};

/** Where a group reaches somebody besides the centre, which keeps everything. */
const channels = z.strictObject({ email: z.boolean() });

export const notificationPreferences = z.strictObject({
  messages: channels,
  people: channels,
  projects: channels,
  work: channels,
  plans: channels,
  money: channels,
  reminders: channels,
} satisfies Record<NotificationGroup, typeof channels>);
export type NotificationPreferences = z.infer<typeof notificationPreferences>;

/** What is left out stays as it is: two devices may each change a group of their own. */
export const preferencesChange = notificationPreferences
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'Name at least one group.');
export type PreferencesChange = z.infer<typeof preferencesChange>;

/** What asks for somebody is mailed; what only tells how a plan grows waits until he looks. */
export const defaultPreferences: NotificationPreferences = {
  messages: { email: true },
  people: { email: true },
  projects: { email: true },
  work: { email: true },
  plans: { email: false },
  money: { email: true },
  reminders: { email: true },
};

export function kindsByMail(preferences: NotificationPreferences): Set<NotificationKind> {
  return new Set(notificationKind.options.filter((kind) => preferences[groupOf[kind]].email));
}
