import { quoteFor } from '@safesend/shared/escrow/fees.ts';
import { maskedAddress, type Invitation as InvitationView } from '@safesend/shared/projects/invitation.ts';
import type { Milestone as MilestoneView } from '@safesend/shared/projects/milestone.ts';
import type { Project as ProjectView } from '@safesend/shared/projects/project.ts';
import type { OpenInvitation } from '@safesend/shared/rooms/member.ts';
import type { Invitation, Milestone, Project } from './entity.ts';

export function presentProject(project: Project): ProjectView {
  const { id, roomId, title, description, currency, status, ownerId, clientId, freelancerId } = project;
  return {
    id,
    roomId,
    title,
    description,
    currency,
    status,
    ownerId,
    clientId: clientId ?? null,
    freelancerId: freelancerId ?? null,
    fees: { platformFeeBps: project.platformFeeBps, serviceFeeBps: project.serviceFeeBps },
    createdAt: project.createdAt.toISOString(),
    activatedAt: project.activatedAt?.toISOString() ?? null,
    completedAt: project.completedAt?.toISOString() ?? null,
    cancelledAt: project.cancelledAt?.toISOString() ?? null,
  };
}

export function presentMilestone(milestone: Milestone): MilestoneView {
  const { id, project, title, amountMinor, currency, dueAt, criteria, status, position, createdAt } = milestone;
  return {
    id,
    projectId: project.id,
    title,
    amountMinor,
    currency,
    dueAt: dueAt?.toISOString() ?? null,
    criteria,
    status,
    position,
    createdAt: createdAt.toISOString(),
    revision: milestone.revision,
    quote: quoteFor(amountMinor, currency, milestone),
    hold: milestone.hold ?? null,
    submission: milestone.submission ?? null,
    proposal: milestone.proposal ?? null,
    cancellation: milestone.cancellation ?? null,
    clocks: [...milestone.clocks],
    waiting: milestone.waiting ?? null,
  };
}

/** What the room is told about an invitation: never a whole address. */
export function presentOpenInvitation(invitation: Invitation, username: string | null): OpenInvitation {
  const { id, role, inviterId, expiresAt } = invitation;
  return {
    id,
    role,
    label: labelOf(invitation, username, 'masked'),
    invitedBy: inviterId,
    expiresAt: expiresAt.toISOString(),
  };
}

export interface InvitationSurroundings {
  readonly projectTitle: string;
  readonly inviterName: string;
  /** The invited person's username; null when an address was invited. */
  readonly username: string | null;
}

export interface InvitationInFull {
  readonly invitation: Invitation;
  readonly surroundings: InvitationSurroundings;
  readonly now: Date;
}

export function presentInvitation(
  { invitation, surroundings, now }: InvitationInFull,
  address: 'whole' | 'masked',
): InvitationView {
  const { projectTitle, inviterName, username } = surroundings;
  const { id, project, role, history, status, inviterId, createdAt, expiresAt } = invitation;
  return {
    id,
    projectId: project.id,
    // What it is called since is none of the affairs of somebody who is not invited any more.
    projectTitle: invitation.isOpen(now) ? projectTitle : invitation.toldTitle,
    inviterId,
    inviterName,
    role,
    label: labelOf(invitation, username, address),
    history,
    status: invitation.isExpired(now) ? 'expired' : status,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/** The answer to the owner, who alone sees the secret and the whole address. */
export function presentIssued({ result }: { readonly result: InvitationInFull & { readonly token: string } }) {
  return { invitation: { ...presentInvitation(result, 'whole'), token: result.token } };
}

export function presentAnswered({ result }: { readonly result: InvitationInFull }) {
  return { invitation: presentInvitation(result, 'masked') };
}

function labelOf({ email }: Invitation, username: string | null, address: 'whole' | 'masked'): string {
  if (email === null || email === undefined) return username ?? '';
  return address === 'whole' ? email : maskedAddress(email);
}
