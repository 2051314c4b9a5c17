import type { Invitation as InvitationView } from '@safesend/shared/projects/invitation.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Member } from '@safesend/shared/rooms/member.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { id } from '@safesend/shared/ids.ts';
import { sha256 } from '../../../kernel/chain.ts';
import { findSight, readWhole } from '../../../kernel/reading.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { atOneInstant, productNow } from '../../../kernel/transact.ts';
import { findMembers } from '../../rooms/service/members.ts';
import { accessOwnProject, accessVisibleProject } from '../access.ts';
import { Invitation, Milestone, type Project } from '../entity.ts';
import { presentInvitation } from '../present.ts';
import { findAccounts } from './people.ts';

export interface ProjectInFull {
  readonly project: Project;
  readonly milestones: Milestone[];
}

export async function findProject(em: Em, projectId: string, userId: string): Promise<ProjectInFull> {
  return atOneInstant(em, async (reading) => {
    const project = await accessVisibleProject(reading, projectId, userId);
    return { project, milestones: await findMilestones(reading, project.id) };
  });
}

export async function findMilestones(em: Em, projectId: string): Promise<Milestone[]> {
  return em.find(Milestone, { project: projectId }, { orderBy: { position: 'asc' } });
}

/** Everything of a project this person may see, read at one instant. */
export async function exportProject(
  em: Em,
  projectId: string,
  userId: string,
): Promise<ProjectInFull & { members: Member[]; events: RoomEvent[] }> {
  return atOneInstant(em, async (reading) => {
    const project = await accessVisibleProject(reading, projectId, userId);
    const sight = await findSight(reading, project.roomId, userId);
    const events: RoomEvent[] = [];
    for await (const event of readWhole(reading, sight)) events.push(event);
    const members = (await findMembers(reading, [project.roomId])).get(project.roomId) ?? [];
    return { project, milestones: await findMilestones(reading, project.id), members, events };
  });
}

interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}
interface InvitationPage {
  readonly items: InvitationView[];
  readonly nextCursor: string | null;
}

/** Every invitation of a project, the newest first, for its owner. */
export async function findInvitations(
  em: Em,
  projectId: string,
  userId: string,
  page: PageQuery,
): Promise<InvitationPage> {
  await accessOwnProject(em, projectId, userId);
  return findPage(em, 'i.project_id = $1', [projectId], page, 'whole');
}

/** By my username, or by the address I have proven. */
const isForMe = `(i.user_id = $1 or i.email = (
    select u.email from users u where u.id = $1 and u.email_verified_at is not null))`;

/** One that is or was for me: whether it is open, was answered, was taken back or has run out. */
export async function findMyInvitation(em: Em, invitationId: string, userId: string): Promise<InvitationView> {
  const which = `${isForMe} and i.id = $4`;
  const { items } = await findPage(em, which, [userId], {}, 'masked', [invitationId]);
  if (!items[0]) throw new Failure('missing', 'No such invitation.');
  return items[0];
}

/** The invitations that wait for my answer. */
export async function findMyInvitations(em: Em, userId: string, page: PageQuery): Promise<InvitationPage> {
  const mine = `i.status = 'pending' and i.expires_at > product_now() and ${isForMe}
    and not exists (select from memberships m where m.room_id = p.room_id and m.user_id = $1 and m.until_seq is null)`;
  return findPage(em, mine, [userId], page, 'masked');
}

/** What the bearer of a token is invited to. */
export async function findByToken(em: Em, token: string): Promise<InvitationView> {
  const hash = sha256(token);
  // The token of the mail is known to the reader of that mailbox alone: his address is no secret to him.
  const [mailed] = (await findPage(em, 'i.mailed_token_hash = $1', [hash], {}, 'whole')).items;
  const [invitation = mailed] = mailed ? [] : (await findPage(em, 'i.token_hash = $1', [hash], {}, 'masked')).items;
  if (!invitation) throw new Failure('missing', 'No such invitation.');
  return invitation;
}

async function findPage(
  em: Em,
  which: string,
  parameters: readonly unknown[],
  { limit = 50, cursor }: PageQuery,
  address: 'whole' | 'masked',
  more: readonly unknown[] = [],
): Promise<InvitationPage> {
  const rows = await query<{ id: string; title: string }>(
    em,
    `select i.id, p.title from invitations i join projects p on p.id = i.project_id and p.deleted_at is null
     where ${which} and ($2::uuid is null or i.id < $2) order by i.id desc limit $3`,
    [...parameters, readCursor(cursor), limit + 1, ...more],
  );
  const shown = rows.slice(0, limit);
  const items = await presentAll(em, new Map(shown.map(({ id, title }) => [id, title])), address);
  return { items, nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

function readCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const read = id.safeParse(cursor);
  if (!read.success) throw refuseField('invalid', 'cursor', 'This is not a cursor of this list.');
  return read.data;
}

async function presentAll(
  em: Em,
  titles: ReadonlyMap<string, string>,
  address: 'whole' | 'masked',
): Promise<InvitationView[]> {
  if (titles.size === 0) return [];
  const invitations = await em.find(Invitation, { id: [...titles.keys()] }, { orderBy: { id: 'desc' } });
  const accounts = await findAccounts(
    em,
    'id',
    invitations.flatMap(({ inviterId, userId }) => [inviterId, userId ?? []].flat()),
  );
  const people = new Map(accounts.map((account) => [account.userId, account]));
  const now = await productNow(em);
  return invitations.map((invitation) => {
    const surroundings = {
      projectTitle: titles.get(invitation.id) ?? '',
      inviterName: people.get(invitation.inviterId)?.displayName ?? '',
      username: people.get(invitation.userId ?? '')?.username ?? null,
    };
    return presentInvitation({ invitation, surroundings, now }, address);
  });
}
