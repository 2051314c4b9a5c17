import { LockMode } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { refuseWhileHeldFor } from '../../escrow/service/holdings.ts';
import type { RoomRules, RulesByKind } from '../../rooms/service/members.ts';
import type { SnapshotContributor } from '../../rooms/service/snapshot.ts';
import { Invitation, Project } from '../entity.ts';
import { presentMilestone, presentOpenInvitation, presentProject } from '../present.ts';
import { findAccounts } from './people.ts';
import { findMilestones } from './reading.ts';

/** A project room's project, plan and open invitations. */
export const contributeProject: SnapshotContributor = async (em, room) => {
  if (room.kind !== 'project') return {};
  const project = await em.findOne(Project, { roomId: room.id });
  if (!project) return {};
  const invitations = await em.find(
    Invitation,
    { project: project.id, status: 'pending' },
    { orderBy: { createdAt: 'asc', id: 'asc' } },
  );
  const invited = await findAccounts(
    em,
    'id',
    invitations.flatMap(({ userId }) => userId ?? []),
  );
  const usernames = new Map(invited.map(({ userId, username }) => [userId, username]));
  return {
    project: presentProject(project),
    milestones: (await findMilestones(em, project.id)).map(presentMilestone),
    invitations: invitations.map((it) => presentOpenInvitation(it, usernames.get(it.userId ?? '') ?? null)),
  };
};

/** Who may end a membership in a project's room. The project is locked, so joining, leaving and deleting take turns. */
const projectRoomRules: RoomRules = {
  async mayLeave(tx, { roomId }) {
    const project = await lockProjectOf(tx, roomId);
    if (project.ownerId === tx.me) {
      throw new Failure('conflict', 'The owner cannot leave. Cancel and delete the project to end it.');
    }
    await refuseWhileHeldFor(tx, project.id, tx.me, 'leave');
  },
  async mayRemove(tx, { roomId }, userId) {
    const project = await lockProjectOf(tx, roomId);
    if (project.ownerId !== tx.me) throw new Failure('forbidden', 'Only the owner can remove people.');
    await refuseWhileHeldFor(tx, project.id, userId, 'remove him');
  },
};

async function lockProjectOf(tx: Tx, roomId: string): Promise<Project> {
  return tx.em.findOneOrFail(Project, { roomId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

export const projectRules: RulesByKind = { project: projectRoomRules };

/** Is he the owner of the project whose room this is? */
export async function ownsRoom(em: Em, roomId: string, userId: string): Promise<boolean> {
  const text = 'select 1 as one from projects where room_id = $1 and owner_id = $2 and deleted_at is null';
  return (await queryOne(em, text, [roomId, userId])) !== null;
}
