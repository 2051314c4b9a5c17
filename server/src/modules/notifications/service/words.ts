import type { Notification, NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { amountWords } from '../../../kernel/amount-words.ts';

type Told = Pick<Notification, 'kind' | 'actorName' | 'roomTitle' | 'subject' | 'amountMinor' | 'currency'>;
type Words = (told: { actor: string; room: string; subject: string }) => string;
type MoneyWords = (told: { actor: string; room: string; subject: string; amount: string }) => string;

/** What there is to do about evidence. */
const evidenceStep = 'tell support what the log does not show';
/** And about money that nobody has decided about. */
const heldStep = 'release it, give it back or ask to end it';

const words: Readonly<Record<NotificationKind, Words>> = {
  mention: ({ actor, room }) => `${actor} mentioned you${room && ` in ${room}`}`,
  reply: ({ actor, room }) => `${actor} replied to you${room && ` in ${room}`}`,
  direct: ({ actor }) => `${actor} wrote to you`,
  file: ({ actor }) => `${actor} sent you a file`,
  invited: ({ actor, room }) => `${actor} invited you to ${room}`,
  'invitation.declined': ({ actor, room }) => `${actor} declined the invitation to ${room}`,
  'member.joined': ({ actor, room }) => `${actor} joined ${room}`,
  'member.left': ({ actor, room }) => `${actor} left ${room}`,
  'member.removed': ({ actor, room }) => `${actor} removed you from ${room}`,
  'project.activated': ({ room }) => `${room} is active: both sides are here`,
  'project.completed': ({ actor, room }) => `${actor} completed ${room}`,
  'project.cancelled': ({ actor, room }) => `${actor} cancelled ${room}`,
  'project.deleted': ({ actor, room }) => `${actor} deleted ${room}`,
  'milestone.planned': ({ actor, subject, room }) => `${actor} planned ‘${subject}’ in ${room}`,
  'milestone.changed': ({ actor, subject, room }) => `${actor} changed ‘${subject}’ in ${room}`,
  'milestone.cancelled': ({ actor, subject, room }) => `${actor} took ‘${subject}’ out of ${room}`,
  'milestone.started': ({ actor, subject, room }) => `${actor} started ‘${subject}’ in ${room}`,
  'milestone.change.proposed': ({ actor, subject, room }) => `${actor} proposed a change of ‘${subject}’ in ${room}`,
  'milestone.change.accepted': ({ actor, subject, room }) => `${actor} accepted the change of ‘${subject}’ in ${room}`,
  'milestone.change.agreed': ({ actor, subject, room }) =>
    `${actor} agreed to the change of ‘${subject}’ in ${room}; it waits for its payment`,
  // Nobody's doing is the clock's.
  'milestone.change.declined': ({ actor, subject, room }) =>
    actor
      ? `The proposed change of ‘${subject}’ in ${room} is not made`
      : `The proposed change of ‘${subject}’ in ${room} lapsed: nobody answered it`,
  'milestone.submitted': ({ actor, subject, room }) =>
    `${actor} handed in ‘${subject}’ in ${room}: it is yours to review`,
  'milestone.changes.requested': ({ actor, subject, room }) => `${actor} requested changes of ‘${subject}’ in ${room}`,
  'milestone.approved': ({ subject, room }) => `‘${subject}’ in ${room} is approved`,
  'milestone.cancellation.requested': ({ actor, subject, room }) => `${actor} asks to end ‘${subject}’ in ${room}`,
  'milestone.cancellation.declined': ({ subject, room }) => `‘${subject}’ in ${room} goes on`,
  'milestone.funded': ({ subject, room }) => `‘${subject}’ in ${room} is funded`,
  'payment.failed': ({ subject, room }) => `The payment for ‘${subject}’ in ${room} did not go through`,
  'milestone.releasing': ({ subject, room }) => `A part of ‘${subject}’ in ${room} is released`,
  'milestone.released': ({ subject, room }) => `Money for ‘${subject}’ in ${room} is paid`,
  'milestone.paid': ({ subject, room }) => `Money for ‘${subject}’ in ${room} is paid`,
  'milestone.refunding': ({ subject, room }) => `Money of ‘${subject}’ in ${room} is being refunded`,
  'milestone.refunded': ({ subject, room }) => `Money of ‘${subject}’ in ${room} was refunded`,
  'milestone.refund.returned': ({ subject, room }) => `A refund of ‘${subject}’ in ${room} did not arrive`,
  'milestone.credit.paid': ({ subject, room }) =>
    `What the client was owed for ‘${subject}’ in ${room} was paid another way`,
  'milestone.waiting': ({ subject, room }) => `‘${subject}’ in ${room} waits for you`,
  'milestone.ended': ({ subject, room }) => `‘${subject}’ in ${room} has ended, as both sides agreed`,
  'milestone.overdue': ({ subject, room }) => `‘${subject}’ in ${room} is overdue`,
  'overdue.unfunded': ({ subject, room }) => `‘${subject}’ in ${room} is overdue and not funded yet`,
  'chargeback.opened': ({ subject, room }) => `A bank took back money of ‘${subject}’ in ${room}`,
  'chargeback.closed': ({ subject, room }) => `The chargeback of ‘${subject}’ in ${room} is decided`,
  'chargeback.won': ({ subject, room }) => `The chargeback of ‘${subject}’ in ${room} was turned down`,
  'chargeback.lost': ({ subject, room }) => `The chargeback of ‘${subject}’ in ${room} was upheld`,
  'chargeback.owed': ({ subject, room }) =>
    `The chargeback of ‘${subject}’ in ${room} was upheld: you owe what it took`,
  'waiting.bank': ({ subject, room }) => `Your bank asks you to confirm the payment for ‘${subject}’ in ${room}`,
  'waiting.payouts': ({ subject, room }) => `Money for ‘${subject}’ in ${room} waits until you set up payouts`,
  'chargeback.recovered': ({ subject, room }) => `Money of ‘${subject}’ in ${room} was taken back after a chargeback`,
  'payout.paid': () => 'A payout has arrived',
  'payout.failed': () => 'A payout failed: look at your payout details',
  'review.3d': ({ subject, room }) => `3 days left to review ‘${subject}’ in ${room}`,
  'review.1d': ({ subject, room }) => `1 day left to review ‘${subject}’ in ${room}`,
  'deadline.2d': ({ subject, room }) => `‘${subject}’ in ${room} is due in 2 days`,
  'funding.3d': ({ subject, room }) => `‘${subject}’ in ${room} is due in 3 days and not funded yet`,
  'funding.1d': ({ subject, room }) => `‘${subject}’ in ${room} is due in 1 day and not funded yet`,
  'evidence.3d': ({ subject, room }) =>
    `Evidence about the chargeback of ‘${subject}’ in ${room} is taken for 3 more days: ${evidenceStep}`,
  'evidence.1d': ({ subject, room }) =>
    `Evidence about the chargeback of ‘${subject}’ in ${room} is taken for 1 more day: ${evidenceStep}`,
  'evidence.0d': ({ subject, room }) => `The time for evidence about the chargeback of ‘${subject}’ in ${room} is over`,
  'held.7d': ({ subject, room }) =>
    `What is held for ‘${subject}’ in ${room} is to be decided about within 7 days: ${heldStep}`,
  'held.1d': ({ subject, room }) =>
    `What is held for ‘${subject}’ in ${room} is to be decided about within a day: ${heldStep}`,
  'held.0d': ({ subject, room }) =>
    `What is held for ‘${subject}’ in ${room} has been held for longer than it should be: ${heldStep}`,
};

/** With its amount; what was told before amounts were kept has none. Nobody's doing is the product's: a clock, an agreement. */
const moneyWords: Readonly<Partial<Record<NotificationKind, MoneyWords>>> = {
  'milestone.change.accepted': ({ actor, subject, room, amount }) =>
    actor
      ? `${actor} accepted the change of ‘${subject}’ in ${room}: now ${amount}`
      : `The agreed change of ‘${subject}’ in ${room} is paid and in force: now ${amount}`,
  'milestone.change.proposed': ({ actor, subject, room, amount }) =>
    `${actor} proposed a change of ‘${subject}’ in ${room}: it would be ${amount}`,
  'milestone.change.agreed': ({ actor, subject, room, amount }) =>
    `${actor} agreed to the change of ‘${subject}’ in ${room}; it waits for the difference of ${amount}`,
  // Only where it lapsed because of it.
  'milestone.change.declined': ({ subject, room, amount }) =>
    `The agreed change of ‘${subject}’ in ${room} lapsed: the difference of ${amount} was not paid`,
  'milestone.submitted': ({ actor, subject, room, amount }) =>
    `${actor} handed in ‘${subject}’ in ${room} for ${amount}: it is yours to review`,
  'milestone.approved': ({ actor, subject, room, amount }) =>
    actor
      ? `${actor} approved ‘${subject}’ in ${room} and released ${amount}`
      : `The review of ‘${subject}’ in ${room} ended without an answer: ${amount} is released`,
  'milestone.cancellation.requested': ({ actor, subject, room, amount }) =>
    `${actor} asks to end ‘${subject}’ in ${room}: ${amount} would be refunded`,
  'milestone.funded': ({ subject, room, amount }) => `${amount} for ‘${subject}’ in ${room} is paid and held`,
  'payment.failed': ({ subject, room, amount }) =>
    `The payment of ${amount} for ‘${subject}’ in ${room} did not go through`,
  'milestone.releasing': ({ actor, subject, room, amount }) => `${actor} released ${amount} of ‘${subject}’ in ${room}`,
  'milestone.released': ({ subject, room, amount }) =>
    `${amount} for ‘${subject}’ in ${room} is paid, after the platform fee`,
  'milestone.paid': ({ subject, room, amount }) => `The ${amount} released for ‘${subject}’ in ${room} is paid`,
  'milestone.refunding': ({ actor, subject, room, amount }) =>
    actor
      ? `${actor} refunds ${amount} of ‘${subject}’ in ${room}`
      : `${amount} of ‘${subject}’ in ${room} is being refunded`,
  'milestone.ended': ({ subject, room, amount }) =>
    `‘${subject}’ in ${room} has ended, as both sides agreed: ${amount} is being refunded`,
  'milestone.refunded': ({ subject, room, amount }) => `${amount} of ‘${subject}’ in ${room} was refunded`,
  'milestone.refund.returned': ({ subject, room, amount }) =>
    `The refund of ${amount} for ‘${subject}’ in ${room} did not arrive`,
  'milestone.credit.paid': ({ subject, room, amount }) =>
    `The ${amount} the client was owed for ‘${subject}’ in ${room} was paid another way`,
  'chargeback.opened': ({ subject, room, amount }) => `A bank took back ${amount} of ‘${subject}’ in ${room}`,
  'chargeback.won': ({ subject, room, amount }) =>
    `The chargeback of ${amount} for ‘${subject}’ in ${room} was turned down`,
  'chargeback.lost': ({ subject, room, amount }) =>
    `The chargeback of ${amount} for ‘${subject}’ in ${room} was upheld`,
  'chargeback.owed': ({ subject, room, amount }) =>
    `The chargeback of ‘${subject}’ in ${room} was upheld: you owe ${amount}`,
  'waiting.bank': ({ subject, room, amount }) =>
    `Your bank asks you to confirm the payment of ${amount} for ‘${subject}’ in ${room}`,
  'waiting.payouts': ({ subject, room, amount }) =>
    `The ${amount} released for ‘${subject}’ in ${room} waits until you set up payouts`,
  'chargeback.recovered': ({ subject, room, amount }) =>
    `${amount} of ‘${subject}’ in ${room} was taken back after a chargeback`,
  'review.3d': ({ subject, room, amount }) =>
    `3 days left to review ‘${subject}’ in ${room}; then ${amount} is released by itself`,
  'review.1d': ({ subject, room, amount }) =>
    `1 day left to review ‘${subject}’ in ${room}; then ${amount} is released by itself`,
  'evidence.3d': ({ subject, room, amount }) =>
    `Evidence about the chargeback of ‘${subject}’ in ${room} is taken for 3 more days and ${amount} depends on it: ${evidenceStep}`,
  'evidence.1d': ({ subject, room, amount }) =>
    `Evidence about the chargeback of ‘${subject}’ in ${room} is taken for 1 more day and ${amount} depends on it: ${evidenceStep}`,
  'evidence.0d': ({ subject, room, amount }) =>
    `The time for evidence about the chargeback of ‘${subject}’ in ${room} is over; ${amount} depends on what the bank decides`,
  'held.7d': ({ subject, room, amount }) =>
    `The ${amount} held for ‘${subject}’ in ${room} is to be decided about within 7 days: ${heldStep}`,
  'held.1d': ({ subject, room, amount }) =>
    `The ${amount} held for ‘${subject}’ in ${room} is to be decided about within a day: ${heldStep}`,
  'held.0d': ({ subject, room, amount }) =>
    `The ${amount} for ‘${subject}’ in ${room} has been held for longer than it should be: ${heldStep}`,
  'payout.paid': ({ amount }) => `A payout of ${amount} has arrived`,
  'payout.failed': ({ amount }) => `A payout of ${amount} failed: look at your payout details`,
};

/** What the centre says of it, for a mail. */
export function wordsOf({ kind, actorName: actor, roomTitle: room, subject, amountMinor, currency }: Told): string {
  const say = moneyWords[kind];
  if (!say || amountMinor === null || currency === null) return words[kind]({ actor, room, subject });
  return say({ actor, room, subject, amount: amountWords(amountMinor, currency) });
}
