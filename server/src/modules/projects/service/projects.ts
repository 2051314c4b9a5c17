import type { FeeTerms } from '@safesend/shared/escrow/fees.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { NewProject, ProjectChange } from '@safesend/shared/projects/project.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { refuseOnceMoved, refuseWhileHeld } from '../../escrow/service/holdings.ts';
import { accessProject } from '../access.ts';
import { Invitation, Project } from '../entity.ts';
import { presentProject } from '../present.ts';
import { requireChargeable, requireOnePayment } from './chargeable.ts';
import { decide, projectFates } from './decide.ts';
import { addMilestone, remindSoon } from './milestones.ts';
import { getAccount } from './people.ts';

/**
 * A new project, its room, and its owner in it with his account's role. It keeps the fees it agrees here, whatever is
 * asked of later ones.
 */
export async function createProject(
  tx: Tx,
  fees: FeeTerms,
  { title, description, currency, milestones = [] }: NewProject,
): Promise<Project> {
  milestones.forEach(({ amountMinor }, at) => {
    requireChargeable(amountMinor, currency, 'charged', `milestones.${at}.amountMinor`);
    requireOnePayment(amountMinor, currency, fees, `milestones.${at}.amountMinor`);
  });
  const owner = await getAccount(tx.em, tx.me);
  const project = tx.em.create(Project, {
    id: newId(),
    roomId: newId(),
    title,
    description,
    currency,
    status: 'draft',
    ownerId: owner.userId,
    clientId: owner.role === 'client' ? owner.userId : null,
    freelancerId: owner.role === 'freelancer' ? owner.userId : null,
    platformFeeBps: fees.platformFeeBps,
    serviceFeeBps: fees.serviceFeeBps,
    createdAt: tx.now,
  });
  const { roomId } = project;
  tx.openRoom({ id: roomId, kind: 'project', title });
  tx.append(roomId, { type: 'project.created', data: presentProject(project) });
  const { userId, username, displayName, role } = owner;
  tx.admit(
    roomId,
    { userId, role, history: 'whole' },
    { type: 'member.joined', data: { userId, username, displayName, role, invitationId: null } },
  );
  const made = milestones.map((input, at) => addMilestone(tx, project, input, at + 1));
  for (const milestone of made.filter(({ dueAt }) => dueAt)) await remindSoon(tx, milestone);
  return project;
}

export async function changeProject(tx: Tx, projectId: string, change: ProjectChange): Promise<Project> {
  const project = await accessProject(tx, projectId, 'change');
  const before = JSON.stringify(presentProject(project));
  await decided(tx, project, () => project.change(change));
  if (before === JSON.stringify(presentProject(project))) return project;
  tx.append(project.roomId, { type: 'project.changed', data: presentProject(project) });
  tx.retitleRoom(project.roomId, project.title);
  return project;
}

export async function completeProject(tx: Tx, projectId: string): Promise<Project> {
  const project = await accessProject(tx, projectId, 'complete');
  await refuseWhileHeld(tx, project.id, 'complete it');
  await decided(tx, project, () => project.complete(tx.now));
  await takeBackInvitations(tx, project);
  tx.append(project.roomId, { type: 'project.completed', data: presentProject(project) });
  return project;
}

export async function cancelProject(tx: Tx, projectId: string): Promise<Project> {
  const project = await accessProject(tx, projectId, 'cancel');
  await refuseWhileHeld(tx, project.id, 'cancel it');
  await decided(tx, project, () => project.cancel(tx.now));
  await takeBackInvitations(tx, project);
  tx.append(project.roomId, { type: 'project.cancelled', data: presentProject(project) });
  return project;
}

/** The project goes, and everybody leaves its room: afterwards it is missing for all of them. */
export async function deleteProject(tx: Tx, projectId: string): Promise<void> {
  const project = await accessProject(tx, projectId, 'delete');
  await refuseOnceMoved(tx, project.id);
  await decided(tx, project, () => project.delete(tx.now));
  await takeBackInvitations(tx, project);
  const { roomId, ownerId } = project;
  tx.append(roomId, { type: 'project.deleted', data: presentProject(project) });
  const members = await tx.query<{ user_id: string }>(
    'select user_id from memberships where room_id = $1 and until_seq is null and user_id <> $2 order by joined_seq for update',
    [roomId, ownerId],
  );
  for (const { user_id: userId } of members) {
    tx.expel(roomId, userId, 'removed', { type: 'member.removed', data: { userId } });
  }
  tx.expel(roomId, ownerId, 'left', { type: 'member.left', data: { userId: ownerId } });
}

/** Nobody is let into a project that is over. */
async function takeBackInvitations(tx: Tx, project: Project): Promise<void> {
  const pending = await tx.em.find(Invitation, { project: project.id, status: 'pending' }, { orderBy: { id: 'asc' } });
  for (const invitation of pending) {
    invitation.revoke();
    tx.append(project.roomId, { type: 'invitation.revoked', data: { invitationId: invitation.id } });
  }
}

/** A move that comes too late names the fact that decided otherwise. */
function decided(tx: Tx, { roomId, id }: Project, move: () => void): Promise<void> {
  return decide(tx, { roomId, id, types: projectFates }, move);
}
