import { LockMode } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';
import { queryOne, type Em } from '../../kernel/sql.ts';
import type { Tx } from '../../kernel/transact.ts';
import { Invitation, Milestone, Project } from './entity.ts';

const ownerOnly = {
  change: 'Only the owner can change this project.',
  delete: 'Only the owner can delete this project.',
  complete: 'Only the owner can complete this project.',
  cancel: 'Only the owner can cancel this project.',
  invite: 'Only the owner can invite people.',
} as const;
type Ability = keyof typeof ownerOnly | 'plan' | 'see';

/** The project, locked until commit, when the acting person may do this to it. A stranger finds nothing. */
export async function accessProject(tx: Tx, projectId: string, ability: Ability): Promise<Project> {
  const project = await tx.em.findOne(Project, projectId, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const role = project && (await findRole(tx.em, project.roomId, tx.me));
  if (!project || project.deletedAt || !role) throw missingProject();
  // A deletion ends the owner's own membership; the lock on the project is what he needs.
  if (ability !== 'delete') tx.requireMember(project.roomId, tx.me);
  if (ability === 'plan') requirePlanner(project, role, tx.me);
  else if (ability !== 'see' && project.ownerId !== tx.me) throw new Failure('forbidden', ownerOnly[ability]);
  return project;
}

/** The client plans; before the work begins either side may. */
export function requirePlanner(project: Project, role: RoomRole, me: string): void {
  if (project.status === 'draft' || role === 'client' || (project.clientId ?? null) === me) return;
  throw new Failure('forbidden', 'Only the client changes the plan once the project is active.');
}

export interface MilestoneInHand {
  readonly project: Project;
  readonly milestone: Milestone;
}

/** A milestone whose plan the acting person may change. */
export async function accessMilestone(tx: Tx, milestoneId: string): Promise<MilestoneInHand> {
  return accessMilestoneFor(tx, milestoneId, 'plan');
}

async function accessMilestoneFor(tx: Tx, milestoneId: string, ability: Ability): Promise<MilestoneInHand> {
  const at = await queryOne<{ project_id: string }>(tx.em, 'select project_id from milestones where id = $1', [
    milestoneId,
  ]);
  if (!at) throw new Failure('missing', 'No such milestone.');
  const project = await accessProject(tx, at.project_id, ability).catch((error: unknown) => {
    throw error instanceof Failure && error.code === 'missing' ? new Failure('missing', 'No such milestone.') : error;
  });
  const milestone = await tx.em.findOneOrFail(Milestone, milestoneId);
  return { project, milestone };
}

type Side = 'client' | 'freelancer' | 'party';

/** A milestone whose money is the acting person's affair: on this side of it, or on either. Its project is locked. */
export async function accessMoney(tx: Tx, milestoneId: string, side: Side): Promise<MilestoneInHand> {
  const inHand = await accessSeenMilestone(tx, milestoneId);
  requireSide(inHand.project, tx.me, side);
  return inHand;
}

export function requireSide({ clientId, freelancerId }: Project, me: string, side: Side): void {
  const mine = [side !== 'freelancer' && clientId === me, side !== 'client' && freelancerId === me];
  if (mine.includes(true)) return;
  // Others may be called client or freelancer in this project as well.
  const [payer, payee] = ['the client who pays', 'the freelancer who is paid'];
  const who = { client: payer, freelancer: payee, party: `${payer} and ${payee}` }[side];
  throw new Failure('forbidden', `Only ${who} in this project can do this.`);
}

/** Any milestone of a project the acting person is in; the caller asks what he may do to it. */
export async function accessSeenMilestone(tx: Tx, milestoneId: string): Promise<MilestoneInHand> {
  return accessMilestoneFor(tx, milestoneId, 'see');
}

/** The product itself: its clocks and the processor's answers. */
export async function lockMilestone(tx: Tx, milestoneId: string): Promise<MilestoneInHand> {
  const at = await queryOne<{ project_id: string }>(tx.em, 'select project_id from milestones where id = $1', [
    milestoneId,
  ]);
  if (!at) throw new Failure('missing', 'No such milestone.');
  // What this transaction has changed so far must not be lost by reading it afresh.
  await tx.em.flush();
  const project = await tx.em.findOneOrFail(Project, at.project_id, {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    refresh: true,
  });
  return { project, milestone: await tx.em.findOneOrFail(Milestone, milestoneId, { refresh: true }) };
}

/** A project to read. */
export async function accessVisibleProject(em: Em, projectId: string, userId: string): Promise<Project> {
  const project = await em.findOne(Project, { id: projectId, deletedAt: null });
  if (!project || !(await findRole(em, project.roomId, userId))) throw missingProject();
  return project;
}

/** The list of a project's invitations is its owner's alone. */
export async function accessOwnProject(em: Em, projectId: string, userId: string): Promise<Project> {
  const project = await accessVisibleProject(em, projectId, userId);
  if (project.ownerId !== userId) throw new Failure('forbidden', 'Only the owner sees the invitations.');
  return project;
}

export interface InvitationInHand {
  readonly invitation: Invitation;
  readonly project: Project;
}

/** An invitation the acting person may answer: by a token of it, or because his username or verified address was invited. */
export async function accessInvitation(
  tx: Tx,
  invitationId: string,
  token: string | undefined,
): Promise<InvitationInHand> {
  const { project, invitation } = await lockInvitation(tx, invitationId);
  const isBearer = token !== undefined && invitation.opensWith(token);
  if (isBearer || (await isAddressedTo(tx, invitation))) return { project, invitation };
  if (await findRole(tx.em, project.roomId, tx.me))
    throw new Failure('forbidden', 'This invitation is for somebody else.');
  throw missingInvitation();
}

/** An invitation of a project the acting person owns. */
export async function accessOwnInvitation(tx: Tx, invitationId: string): Promise<InvitationInHand> {
  const { project, invitation } = await lockInvitation(tx, invitationId);
  if (!(await findRole(tx.em, project.roomId, tx.me))) throw missingInvitation();
  tx.requireMember(project.roomId, tx.me);
  if (project.ownerId !== tx.me) throw new Failure('forbidden', ownerOnly.invite);
  return { project, invitation };
}

/** Every change of an invitation happens under its project's lock, so one answer wins. */
async function lockInvitation(tx: Tx, invitationId: string): Promise<InvitationInHand> {
  const at = await queryOne<{ project_id: string }>(tx.em, 'select project_id from invitations where id = $1', [
    invitationId,
  ]);
  const project = at && (await tx.em.findOne(Project, at.project_id, { lockMode: LockMode.PESSIMISTIC_WRITE }));
  if (!project || project.deletedAt) throw missingInvitation();
  const invitation = await tx.em.findOneOrFail(Invitation, invitationId);
  return { project, invitation };
}

async function isAddressedTo(tx: Tx, { email, userId, acceptedBy }: Invitation): Promise<boolean> {
  if (userId === tx.me || acceptedBy === tx.me) return true;
  if (email === null || email === undefined) return false;
  const verified = await queryOne(
    tx.em,
    'select 1 as one from users where id = $1 and email = $2 and email_verified_at is not null',
    [tx.me, email],
  );
  return verified !== null;
}

export async function findRole(em: Em, roomId: string, userId: string): Promise<RoomRole | null> {
  const row = await queryOne<{ role: RoomRole }>(
    em,
    'select role from memberships where room_id = $1 and user_id = $2 and until_seq is null',
    [roomId, userId],
  );
  return row?.role ?? null;
}

function missingProject(): Failure {
  return new Failure('missing', 'No such project.');
}

function missingInvitation(): Failure {
  return new Failure('missing', 'No such invitation.');
}
