import type { Waiting } from '@safesend/shared/escrow/hold.ts';
import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { disputedShareOf, isUnfunded } from '@safesend/shared/projects/moves.ts';
import { agreedAnew } from '@safesend/shared/projects/reasons.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';
import { milestoneNews } from '@safesend/shared/rooms/milestone-news.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import type { FactRef } from '../../kernel/fact-buffer.ts';
import type { Reaction, Tx } from '../../kernel/transact.ts';
import { amountOf } from './service/amounts.ts';
import { tellArrived } from './service/arrivals.ts';
import { settleAnswered, settleEarlier } from './service/answered.ts';
import { findUnpaid } from './service/unpaid.ts';
import { everybodyElse, findAudience, nobody, others, without, words, type Audience } from './service/audience.ts';
import { but, tell, tellFormer, tellSide } from './service/telling.ts';
import { readWithRoom, settleInvitation, settleMessage } from './service.ts';

export const notificationReactions: readonly Reaction[] = [
  {
    on: ['message.posted'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'message.posted') await tellOfMessage(tx, ref, fact.data);
    },
  },
  {
    on: ['file.dropped', 'file.versioned'],
    react: async (tx, { ref }) => tell(tx, await findDirect(tx, ref), { kind: 'file', about: ref, isReachable: true }),
  },
  {
    // Posting moves the author's read mark to his own fact.
    on: ['message.posted'],
    react: async (tx, { ref }) => {
      if (tx.actor.id !== null) await readWithRoom.settle(tx, ref.roomId, Number.MAX_SAFE_INTEGER);
    },
  },
  {
    on: ['message.deleted'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'message.deleted') await settleMessage(tx, ref.roomId, fact.data.id);
    },
  },
  {
    on: ['member.invited'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'member.invited') await tellInvited(tx, ref, fact.data.id);
    },
  },
  {
    on: ['invitation.declined'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'invitation.declined') await tellInviter(tx, ref, fact.data.invitationId);
    },
  },
  {
    on: ['member.joined', 'invitation.declined', 'invitation.revoked'],
    react: async (tx, { fact: { data } }) => {
      if ('invitationId' in data && data.invitationId !== null) await settleInvitation(tx, data.invitationId);
    },
  },
  {
    on: ['member.removed'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'member.removed') await tellRemoved(tx, ref, fact.data.userId);
    },
  },
  {
    on: [
      'member.joined',
      'member.left',
      'project.activated',
      'project.completed',
      'project.cancelled',
      'project.deleted',
      ...milestoneNews,
    ],
    react: (tx, { ref, fact }) => tellOthers(tx, ref, fact),
  },
  {
    on: ['milestone.reminded'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'milestone.reminded') await remind(tx, ref, fact);
    },
  },
  {
    on: ['payout.paid', 'payout.failed'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'payout.paid' || fact.type === 'payout.failed') await tellPaidOut(tx, ref, fact);
    },
  },
];

/** What was already told in this transaction: one command that changes ten milestones is one notification. */
const told = new WeakMap<Tx, Set<string>>();

function isFirst(tx: Tx, kind: string, roomId: string): boolean {
  const known = told.get(tx) ?? new Set();
  told.set(tx, known);
  if (known.has(`project.deleted ${roomId}`) || known.has(`${kind} ${roomId}`)) return false;
  known.add(`${kind} ${roomId}`);
  return true;
}

async function tellOthers(tx: Tx, ref: FactRef, fact: RoomFact): Promise<void> {
  const milestone = milestoneOf(fact);
  if (milestone) await settleAnswered(tx, ref.roomId, milestone, fact.type);
  if (milestone && tx.actor.id === null && arrivals.has(fact.type)) await tellArrived(tx, ref, milestone);
  if (isTold(tx, ref, fact)) return;
  if (fact.type === 'milestone.waiting') return tellWaiting(tx, ref, fact);
  if (fact.type === 'payment.failed') return tellPayer(tx, ref, fact);
  const kind = kindOf(tx, fact);
  if (!isFirst(tx, kind, ref.roomId)) return;
  if (fact.type === 'chargeback.opened' || fact.type === 'chargeback.closed') return tellDisputed(tx, ref, fact);
  const found = await findAudience(tx, everybodyElse, [ref.roomId]);
  // Whoever accepted a lower amount gives nothing back: it was agreed.
  const isAgreed = fact.type === 'milestone.refunding' && fact.data.reason === agreedAnew;
  const audience = isAgreed ? { ...found, actorName: '' } : found;
  const subject = milestone?.title ?? '';
  const isLapsed = fact.type === 'milestone.change.declined' && tx.actor.id === null;
  const amount = isLapsed ? await findUnpaid(tx, ref.roomId, fact.data) : amountOf(fact);
  if (milestone && kind === 'milestone.refund.returned')
    await tellFormer(tx, { about: ref, milestone, side: 'client', kind, amount });
  tell(tx, audience, { kind, about: ref, isReachable: kind !== 'project.deleted', subject, amount });
}

/** Who paid reads what his bank says, who owes for it how much; everybody else what of it was paid for the work. */
async function tellDisputed(
  tx: Tx,
  ref: FactRef,
  fact: Extract<RoomFact, { type: 'chargeback.opened' | 'chargeback.closed' }>,
): Promise<void> {
  const { milestone, chargeback } = fact.data;
  const [kind, amount] = [kindOf(tx, fact), amountOf(fact)];
  await tellSide(tx, { about: ref, milestone, side: 'client', kind, amount });
  const minor = disputedShareOf(chargeback);
  const { currency, owedMinor } = chargeback;
  // Of what had gone back to the client before nothing was theirs.
  const share = minor > 0 ? { amountMinor: minor, currency } : null;
  const owed = kind === 'chargeback.lost' && owedMinor > 0 ? { amountMinor: owedMinor, currency } : null;
  if (owed) {
    const notice = { about: ref, milestone, side: 'freelancer', kind: 'chargeback.owed', amount: owed } as const;
    await tellSide(tx, notice);
    await tellFormer(tx, notice);
  }
  const audience = await findAudience(tx, owed ? but('client', 'freelancer') : but('client'), [
    ref.roomId,
    milestone.id,
  ]);
  tell(tx, audience, { kind, about: ref, isReachable: true, subject: milestone.title, amount: share });
}

/** Where the same fact is different news: how a bank decided, whether somebody took a milestone out or both ended it, whose date has passed. */
function kindOf({ actor }: Tx, fact: RoomFact): NotificationKind {
  if (fact.type === 'chargeback.closed')
    return fact.data.chargeback.status === 'won' ? 'chargeback.won' : 'chargeback.lost';
  // Nobody gives back alone what is cancelled: both sides have agreed to its end, and this goes back with that.
  if (fact.type === 'milestone.refunding' && actor.id !== null && fact.data.milestone.status === 'cancelled')
    return 'milestone.ended';
  if (fact.type === 'milestone.overdue' && isUnfunded(fact.data)) return 'overdue.unfunded';
  return fact.type as NotificationKind;
}

/** What somebody can do something about; what a lost chargeback takes from what reaches him next asks nothing of him. */
const waitingKinds: Partial<Record<Waiting['reason'], NotificationKind>> = {
  challenge: 'waiting.bank',
  payout_onboarding: 'waiting.payouts',
};

/** Only whoever the money waits for. */
async function tellWaiting(
  tx: Tx,
  ref: FactRef,
  fact: Extract<RoomFact, { type: 'milestone.waiting' }>,
): Promise<void> {
  const { waiting } = fact.data;
  const kind = waiting && waitingKinds[waiting.reason];
  if (!kind || waiting.on === 'product') return;
  const notice = { about: ref, milestone: fact.data, side: waiting.on, kind, amount: amountOf(fact) };
  await tellSide(tx, notice);
  await tellFormer(tx, notice);
}

/** Whose turn it is: the client pays and looks at what was handed in, the freelancer keeps the date; both decide about what is held. */
async function remind(tx: Tx, ref: FactRef, fact: Extract<RoomFact, { type: 'milestone.reminded' }>): Promise<void> {
  const { milestone, reminder } = fact.data;
  await settleEarlier(tx, ref.roomId, milestone, reminder);
  const isOf = (side: 'client' | 'freelancer') =>
    reminder.startsWith('held.') || (side === 'client') === /^(review|funding)[.]/.test(reminder);
  for (const side of (['client', 'freelancer'] as const).filter(isOf))
    await tellSide(tx, { about: ref, milestone, side, kind: reminder, amount: amountOf(fact) });
}

/** How it goes is the payer's own affair, to the other side nothing has come of it; and he knows what he gave up. */
async function tellPayer(tx: Tx, ref: FactRef, fact: Extract<RoomFact, { type: 'payment.failed' }>): Promise<void> {
  const { milestone, payment } = fact.data;
  if (payment.status === 'cancelled' || !isFirst(tx, fact.type, ref.roomId)) return;
  await tellSide(tx, { about: ref, milestone, side: 'client', kind: fact.type, amount: amountOf(fact) });
}

/** Each of these is a part of what is told once: with what arrives together, or with the end that both sides agreed to. */
function isTold(tx: Tx, { roomId }: FactRef, { type }: RoomFact): boolean {
  if (type === 'milestone.cancelled') return told.get(tx)?.has(`milestone.ended ${roomId}`) === true;
  return type === 'milestone.released' || type === 'milestone.refunded' || type === 'chargeback.recovered';
}

/** With these facts money has arrived, or what was on its way beside it does not come in a moment any more. */
const arrivals: ReadonlySet<RoomFact['type']> = new Set([
  'milestone.released',
  'milestone.refunded',
  'chargeback.recovered',
  'milestone.refund.returned',
  'milestone.waiting',
  'chargeback.opened',
  'chargeback.closed',
]);

/** Whose inbox it stands in. */
async function tellPaidOut(
  tx: Tx,
  ref: FactRef,
  fact: Extract<RoomFact, { type: 'payout.paid' | 'payout.failed' }>,
): Promise<void> {
  const owner = `select ${words} from users u join rooms r on r.id = u.inbox_room_id where r.id = $1`;
  const audience = await findAudience(tx, owner, [ref.roomId]);
  tell(tx, audience, { kind: fact.type, about: ref, isReachable: false, amount: amountOf(fact) });
}

async function tellRemoved(tx: Tx, ref: FactRef, userId: string): Promise<void> {
  if (!isFirst(tx, `member.removed ${userId}`, ref.roomId)) return;
  const audience = await findAudience(tx, `select ${words} from ${others} and m.user_id = $3`, [ref.roomId, userId]);
  tell(tx, audience, { kind: 'member.removed', about: ref, isReachable: false });
}

/** Whoever was invited by username, or by the address he has proven. */
async function tellInvited(tx: Tx, ref: FactRef, invitationId: string): Promise<void> {
  const audience = await findAudience(
    tx,
    `select ${words} from invitations i join rooms r on r.id = $1
       join users u on u.id = i.user_id or (u.email = i.email and u.email_verified_at is not null) where i.id = $3`,
    [ref.roomId, invitationId],
  );
  tell(tx, audience, { kind: 'invited', about: ref, isReachable: false, invitationId });
}

async function tellInviter(tx: Tx, ref: FactRef, invitationId: string): Promise<void> {
  const audience = await findAudience(
    tx,
    `select ${words} from ${others} and m.user_id = (select i.inviter_id from invitations i where i.id = $3)`,
    [ref.roomId, invitationId],
  );
  tell(tx, audience, { kind: 'invitation.declined', about: ref, isReachable: true });
}

/** A message tells each person at most once: named, answered, or written to directly. */
async function tellOfMessage(tx: Tx, ref: FactRef, message: Message): Promise<void> {
  const mentioned = await findAmong(tx, ref, message.mentions);
  tell(tx, mentioned, { kind: 'mention', about: ref, isReachable: true });
  const answered = without(await findAnswered(tx, ref, message), mentioned);
  tell(tx, answered, { kind: 'reply', about: ref, isReachable: true });
  if (mentioned.recipients.length + answered.recipients.length > 0) return;
  tell(tx, await findDirect(tx, ref), { kind: 'direct', about: ref, isReachable: true });
}

async function findAmong(tx: Tx, { roomId }: FactRef, userIds: readonly string[]): Promise<Audience> {
  if (userIds.length === 0) return nobody;
  return findAudience(tx, `select ${words} from ${others} and m.user_id = any($3)`, [roomId, userIds]);
}

async function findAnswered(tx: Tx, ref: FactRef, { replyTo }: Message): Promise<Audience> {
  if (replyTo === null) return nobody;
  const [row] = await tx.query<{ author_id: string }>('select author_id from messages where id = $1', [replyTo]);
  return findAmong(tx, ref, row ? [row.author_id] : []);
}

/**
 * The other side of a direct room, unless an unread notification leads there already. Two messages sent at once ask one
 * after the other: the second sees what the first one raised.
 */
async function findDirect(tx: Tx, { roomId }: FactRef): Promise<Audience> {
  const direct = await tx.query('select 1 as one from direct_rooms where room_id = $1 for no key update', [roomId]);
  if (direct.length === 0) return nobody;
  return findAudience(
    tx,
    `select ${words} from ${others}
       and not exists (select from notifications n
                       where n.user_id = m.user_id and n.room_id = m.room_id and n.read_at is null)`,
    [roomId],
  );
}
