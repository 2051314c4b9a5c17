import { z } from 'zod';
import { passkey } from '../accounts/passkey.ts';
import { apiToken, person, user } from '../accounts/user.ts';
import { chargeback, creditReference, movement, payment, together } from '../escrow/hold.ts';
import { payout } from '../escrow/wallet.ts';
import { roomFile } from '../files/file.ts';
import { id } from '../ids.ts';
import { notification } from '../notifications/notification.ts';
import { milestone, reason, reminder } from '../projects/milestone.ts';
import { project } from '../projects/project.ts';
import { moment } from '../values.ts';
import { member, openInvitation } from './member.ts';
import { emoji, message } from './message.ts';

const fact = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.strictObject({ type: z.literal(type), data });

const reaction = z.strictObject({ messageId: id, emoji, userId: id });
const memberView = member.omit({ joinedSeq: true });
const nothing = z.strictObject({});
/** Money facts carry the milestone as it is now, and name the ledger transaction that was written with them. */
const moved = { milestone, movement };
/** A fact of each payment it is paid from; people are told of all of them at once. */
const arrived = z.strictObject({ ...moved, together: together.optional() });

/** What can happen in a room. A new line here breaks the build in the reducer and in the law table until both know it. */
export const roomFact = z.discriminatedUnion('type', [
  fact('message.posted', message),
  fact('message.edited', message),
  fact('message.deleted', message),
  fact('reaction.added', reaction),
  fact('reaction.removed', reaction),
  fact('member.invited', openInvitation),
  fact('invitation.resent', openInvitation),
  fact('invitation.declined', z.strictObject({ invitationId: id })),
  fact('invitation.revoked', z.strictObject({ invitationId: id })),
  fact('member.joined', z.strictObject({ ...memberView.shape, invitationId: id.nullable() })),
  fact('member.left', z.strictObject({ userId: id })),
  fact('member.removed', z.strictObject({ userId: id })),
  fact('member.changed', memberView),
  fact('project.created', project),
  fact('project.changed', project),
  fact('project.activated', project),
  fact('project.completed', project),
  fact('project.cancelled', project),
  fact('project.deleted', project),
  fact('milestone.planned', milestone),
  fact('milestone.changed', milestone),
  fact('milestone.cancelled', milestone),
  fact('milestone.change.proposed', milestone),
  fact('milestone.change.accepted', milestone),
  /** Both sides want a higher amount: it is accepted when the difference is paid. */
  fact('milestone.change.agreed', milestone),
  /** Also taken back, or lapsed when its actor is the product. */
  fact('milestone.change.declined', milestone),
  fact('milestone.funding', z.strictObject({ milestone, payment })),
  fact('milestone.funded', z.strictObject({ ...moved, payment })),
  fact('payment.failed', z.strictObject({ milestone, payment })),
  fact('milestone.started', milestone),
  fact('milestone.submitted', milestone),
  fact('milestone.changes.requested', milestone),
  /** With its movement when it decided a release; everything may have been released before. */
  fact('milestone.approved', z.strictObject({ milestone, movement: movement.nullable() })),
  /** A part is released early. */
  fact('milestone.releasing', z.strictObject(moved)),
  /** It has reached the freelancer's account. */
  fact('milestone.released', arrived),
  fact('milestone.refunding', z.strictObject({ ...moved, reason })),
  fact('milestone.refunded', arrived),
  /** The client's bank sent a refund back: the money is his credit here. */
  fact('milestone.refund.returned', z.strictObject(moved)),
  /** He was given it another way than he had paid; the reference finds that payment. */
  fact('milestone.credit.paid', z.strictObject({ ...moved, reference: creditReference })),
  fact('milestone.cancellation.requested', milestone),
  /** Also taken back, or lapsed when its actor is the product. */
  fact('milestone.cancellation.declined', milestone),
  fact('milestone.overdue', milestone),
  fact('milestone.reminded', z.strictObject({ milestone, reminder })),
  /** Its money began to wait for somebody, or waits no longer. */
  fact('milestone.waiting', milestone),
  fact('chargeback.opened', z.strictObject({ ...moved, chargeback })),
  fact('chargeback.closed', z.strictObject({ ...moved, chargeback })),
  /** A part of what the freelancer owes came back from his account. */
  fact('chargeback.recovered', z.strictObject(moved)),
  /** By its owner, or by the schedule; it is on its way from now on. */
  fact('payout.requested', payout),
  fact('payout.paid', payout),
  fact('payout.failed', payout),
  fact('file.dropped', roomFile),
  fact('file.versioned', roomFile),
  fact('file.removed', roomFile),
  fact('direct.opened', z.strictObject({ people: z.array(person) })),
  /** One of the two blocked the other, or closed the account: nothing is said here until that is over. */
  fact('direct.closed', nothing),
  fact('direct.reopened', nothing),
  fact('notification.raised', notification),
  fact('notification.read', z.strictObject({ ids: z.array(id).min(1).max(500), readAt: moment })),
  fact('account.registered', user),
  fact('account.changed', user),
  fact('account.email.verified', user),
  /** Asked for; the old address stays until the link mailed to the new one is opened. */
  fact('account.email.change.requested', user),
  fact('account.email.change.cancelled', user),
  fact('account.email.changed', user),
  fact('account.password.changed', nothing),
  fact('account.session.started', z.strictObject({ device: z.string() })),
  fact('account.session.ended', z.strictObject({ count: z.int().positive() })),
  fact('account.token.created', apiToken),
  fact('account.token.revoked', z.strictObject({ apiTokenId: id })),
  fact('account.passkey.added', passkey),
  fact('account.passkey.renamed', passkey),
  fact('account.passkey.removed', z.strictObject({ passkeyId: id })),
  fact('account.person.blocked', person),
  fact('account.person.unblocked', person),
  fact('account.closed', nothing),
  fact('account.project.archived', z.strictObject({ projectId: id })),
  fact('account.project.unarchived', z.strictObject({ projectId: id })),
]);
export type RoomFact = z.infer<typeof roomFact>;
export type FactType = RoomFact['type'];

export const envelope = z.strictObject({
  roomId: id,
  seq: z.int().positive(),
  id,
  type: z.string(),
  /** Null is the product itself. */
  actorId: id.nullable(),
  /** Database time. Not an order: `seq` is. */
  at: moment,
});
export type Envelope = z.infer<typeof envelope>;

/** A fact as it travels live. `redacted` marks the facts of a message that was deleted: their body is null. */
export type RoomEvent = RoomFact & Omit<Envelope, 'type'> & { readonly hash: string; readonly redacted?: true };

/** A fact with what an auditor needs. `salt` is null where the text was redacted or erased; the digest stays. */
export type LoggedEvent = RoomEvent & {
  readonly salt: string | null;
  readonly digest: string;
  readonly prevHash: string;
};

const wireShape = {
  ...envelope.shape,
  data: z.record(z.string(), z.unknown()),
  hash: z.string(),
  redacted: z.literal(true).optional(),
};
/** The published shape of an event on the wire; what `data` holds by type is the fact union's to say. */
export const wireEvent = z.strictObject(wireShape) as unknown as z.ZodType<RoomEvent>;
export const wireLoggedEvent = z.strictObject({
  ...wireShape,
  salt: z.string().nullable(),
  digest: z.string(),
  prevHash: z.string(),
}) as unknown as z.ZodType<LoggedEvent>;
