import type { Notification } from '../notifications/notification.ts';
import type { Milestone } from '../projects/milestone.ts';
import type { Project } from '../projects/project.ts';
import type { RoomEvent } from './event.ts';
import type { Message } from './message.ts';
import { windowSize, type RoomState } from './room.ts';

/**
 * The next state of a room after one event. Pure: the browser runs it to stay live, the server's tests run it to prove
 * that the facts tell the whole story (L1). Events at or below the head change nothing.
 */
export function reduceRoom(state: RoomState, event: RoomEvent): RoomState {
  if (event.seq <= state.headSeq) return state;
  return applied({ ...state, headSeq: event.seq }, event);
}

function applied(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'message.posted':
      return {
        ...state,
        messages: [...state.messages, event.data].slice(-windowSize),
        reads: markedRead(state.reads, event.data.authorId, event.seq),
      };
    case 'message.edited':
    case 'message.deleted':
      return inWindow(state, event.data.id, () => event.data);
    case 'reaction.added':
      return inWindow(state, event.data.messageId, (it) => reacted(it, event.data.emoji, event.data.userId, true));
    case 'reaction.removed':
      return inWindow(state, event.data.messageId, (it) => reacted(it, event.data.emoji, event.data.userId, false));
    case 'member.invited':
    case 'invitation.resent':
      return { ...state, invitations: upsert(state.invitations, event.data) };
    case 'invitation.declined':
    case 'invitation.revoked':
      return withoutInvitation(state, event.data.invitationId);
    case 'member.joined': {
      const { invitationId, ...view } = event.data;
      const members = state.members.filter(({ userId }) => userId !== view.userId);
      const joined = { ...state, members: [...members, { ...view, joinedSeq: event.seq }] };
      const read = { ...joined, reads: markedRead(joined.reads, view.userId, event.seq) };
      return invitationId === null ? read : withoutInvitation(read, invitationId);
    }
    case 'member.left':
    case 'member.removed':
      return {
        ...state,
        members: state.members.filter(({ userId }) => userId !== event.data.userId),
        reads: state.reads.filter(({ userId }) => userId !== event.data.userId),
      };
    case 'member.changed':
      return {
        ...state,
        members: state.members.map((it) => (it.userId === event.data.userId ? { ...it, ...event.data } : it)),
      };
    case 'project.created':
    case 'project.changed':
    case 'project.activated':
    case 'project.completed':
    case 'project.cancelled':
    case 'project.deleted':
      return withProject(state, event.data);
    case 'milestone.planned':
    case 'milestone.changed':
    case 'milestone.cancelled':
    case 'milestone.change.proposed':
    case 'milestone.change.accepted':
    case 'milestone.change.agreed':
    case 'milestone.change.declined':
    case 'milestone.started':
    case 'milestone.submitted':
    case 'milestone.changes.requested':
    case 'milestone.cancellation.requested':
    case 'milestone.cancellation.declined':
    case 'milestone.overdue':
    case 'milestone.waiting':
      return withMilestone(state, event.data);
    case 'milestone.reminded':
    case 'milestone.funding':
    case 'milestone.funded':
    case 'payment.failed':
    case 'milestone.approved':
    case 'milestone.releasing':
    case 'milestone.released':
    case 'milestone.refunding':
    case 'milestone.refunded':
    case 'milestone.refund.returned':
    case 'milestone.credit.paid':
    case 'chargeback.opened':
    case 'chargeback.closed':
    case 'chargeback.recovered':
      return withMilestone(state, event.data.milestone);
    case 'file.dropped':
      return { ...state, files: [...state.files, event.data].slice(-windowSize) };
    case 'file.versioned':
    case 'file.removed':
      return { ...state, files: state.files.map((it) => (it.id === event.data.id ? event.data : it)) };
    case 'notification.raised':
      return {
        ...state,
        notifications: [event.data, ...state.notifications].slice(0, windowSize),
        unreadNotifications: state.unreadNotifications + 1,
      };
    case 'notification.read':
      return {
        ...state,
        notifications: state.notifications.map((it) => readIfNamed(it, event.data.ids, event.data.readAt)),
        unreadNotifications: state.unreadNotifications - event.data.ids.length,
      };
    case 'account.registered':
    case 'account.changed':
    case 'account.email.verified':
    case 'account.email.change.requested':
    case 'account.email.change.cancelled':
    case 'account.email.changed':
      return { ...state, account: event.data };
    case 'direct.closed':
    case 'direct.reopened':
      return { ...state, isClosed: event.type === 'direct.closed' };
    case 'direct.opened':
    case 'payout.requested':
    case 'payout.paid':
    case 'payout.failed':
    case 'account.password.changed':
    case 'account.session.started':
    case 'account.session.ended':
    case 'account.token.created':
    case 'account.token.revoked':
    case 'account.passkey.added':
    case 'account.passkey.renamed':
    case 'account.passkey.removed':
    case 'account.person.blocked':
    case 'account.person.unblocked':
    case 'account.closed':
    case 'account.project.archived':
    case 'account.project.unarchived':
      return state;
    default:
      return event satisfies never;
  }
}

/** A message after one person's reaction came or went. Emojis keep the order in which they first appeared. */
export function reacted(message: Message, emoji: string, userId: string, present: boolean): Message {
  const others = (userIds: readonly string[]) => userIds.filter((it) => it !== userId);
  const known = message.reactions.some((it) => it.emoji === emoji);
  const all = known ? message.reactions : [...message.reactions, { emoji, userIds: [] }];
  const reactions = all
    .map((it) => (it.emoji === emoji ? { emoji, userIds: [...others(it.userIds), ...(present ? [userId] : [])] } : it))
    .filter(({ userIds }) => userIds.length > 0);
  return { ...message, reactions };
}

function inWindow(state: RoomState, messageId: string, change: (message: Message) => Message): RoomState {
  const at = state.messages.findIndex(({ id }) => id === messageId);
  const found = state.messages[at];
  return found ? { ...state, messages: state.messages.with(at, change(found)) } : state;
}

function withProject(state: RoomState, project: Project): RoomState {
  return { ...state, project, room: { ...state.room, title: project.title } };
}

function withMilestone(state: RoomState, milestone: Milestone): RoomState {
  return { ...state, milestones: upsert(state.milestones, milestone).sort((a, b) => a.position - b.position) };
}

function withoutInvitation(state: RoomState, invitationId: string): RoomState {
  return { ...state, invitations: state.invitations.filter(({ id }) => id !== invitationId) };
}

function markedRead(reads: RoomState['reads'], userId: string, seq: number): RoomState['reads'] {
  return [...reads.filter((it) => it.userId !== userId), { userId, seq }];
}

function readIfNamed(notification: Notification, ids: readonly string[], readAt: string): Notification {
  return ids.includes(notification.id) ? { ...notification, readAt } : notification;
}

function upsert<Item extends { readonly id: string }>(items: readonly Item[], item: Item): Item[] {
  const at = items.findIndex(({ id }) => id === item.id);
  return at < 0 ? [...items, item] : items.with(at, item);
}
