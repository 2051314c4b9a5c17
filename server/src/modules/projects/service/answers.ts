import { Failure } from '@safesend/shared/failure.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, refuseClosed } from '../../accounts/access.ts';
import { presentUser } from '../../accounts/present.ts';
import { accessInvitation, findRole } from '../access.ts';
import type { Invitation, Project } from '../entity.ts';
import { presentProject, type InvitationInFull } from '../present.ts';
import { decide, invitationFates } from './decide.ts';
import { getAccount } from './people.ts';

/** Joins the room, once: accepting again while a member answers the same. */
export async function acceptInvitation(tx: Tx, invitationId: string, token: string | undefined): Promise<Project> {
  await refuseClosed(tx);
  const { invitation, project } = await accessInvitation(tx, invitationId, token);
  const isMember = (await findRole(tx.em, project.roomId, tx.me)) !== null;
  if (isMember && invitation.acceptedBy === tx.me) return project;
  if (isMember) throw new Failure('conflict', 'You are a member of this project already.');
  const { id } = invitation;
  await decide(tx, { roomId: project.roomId, id, types: invitationFates }, () => invitation.accept(tx.me, tx.now));
  await join(tx, project, invitation);
  await proveByMail(tx, invitation, token);
  return project;
}

async function join(tx: Tx, project: Project, { id: invitationId, role, history }: Invitation): Promise<void> {
  const { userId, username, displayName } = await getAccount(tx.em, tx.me);
  const party = project.partyOf(role);
  const isVacant = party === null || (await findRole(tx.em, project.roomId, party)) === null;
  const outcome = project.welcome(userId, role, isVacant, tx.now);
  tx.admit(
    project.roomId,
    { userId, role, history },
    { type: 'member.joined', data: { userId, username, displayName, role, invitationId } },
  );
  if (outcome === 'unchanged') return;
  tx.append(project.roomId, { type: `project.${outcome}`, data: presentProject(project) });
}

/** The token of the mail is known to the reader of that mailbox alone: not even to the inviter. */
async function proveByMail(tx: Tx, invitation: Invitation, token: string | undefined): Promise<void> {
  if (token === undefined || !invitation.cameByMail(token)) return;
  const account = await accessAccount(tx);
  if (account.user.emailVerifiedAt || account.user.email !== invitation.email) return;
  account.user.verifyEmail(tx.now);
  tx.append(account.user.inboxRoomId, { type: 'account.email.verified', data: presentUser(account) });
}

/** Saying no again answers the same. */
export async function declineInvitation(
  tx: Tx,
  invitationId: string,
  token: string | undefined,
): Promise<InvitationInFull> {
  const { invitation, project } = await accessInvitation(tx, invitationId, token);
  if (invitation.status !== 'declined') {
    const { id } = invitation;
    await decide(tx, { roomId: project.roomId, id, types: invitationFates }, () => invitation.decline(tx.now));
    tx.append(project.roomId, { type: 'invitation.declined', data: { invitationId: id } });
  }
  const inviter = await getAccount(tx.em, invitation.inviterId);
  const invitee = invitation.userId ? await getAccount(tx.em, invitation.userId) : null;
  const names = { inviterName: inviter.displayName, username: invitee?.username ?? null };
  return { invitation, surroundings: { projectTitle: project.title, ...names }, now: tx.now };
}
