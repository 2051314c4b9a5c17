import { randomBytes } from 'node:crypto';
import { refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { NewInvitation } from '@safesend/shared/projects/invitation.ts';
import { sha256 } from '../../../kernel/chain.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { countedAddress } from '../../accounts/service/signin.ts';
import { accessOwnInvitation, accessProject, findRole } from '../access.ts';
import { expiryFrom, Invitation, type Project, type Tokens } from '../entity.ts';
import { presentOpenInvitation, type InvitationInFull } from '../present.ts';
import { decide, invitationFates, requireOpen } from './decide.ts';
import { composeInvitation } from './invitation-mail.ts';
import { findAccount, findAccounts, getAccount, type Account } from './people.ts';

/** An invitation with the secret its maker is shown once. */
export interface Issued extends InvitationInFull {
  readonly token: string;
}

export async function invite(tx: Tx, projectId: string, input: NewInvitation, mailOrigin: string): Promise<Issued> {
  const project = await accessProject(tx, projectId, 'invite');
  await requireOpen(tx, project);
  const field = input.username === undefined ? 'email' : 'username';
  const invitee = await findInvitee(tx, input);
  if (invitee?.userId === tx.me) throw refuseField('invalid', field, 'You are in this project already.');
  await refuseMember(tx, project, invitee, field);
  await refuseInvited(tx, project, invitee, input.email, field);
  const tokens = newTokens();
  const invitation = tx.em.create(Invitation, {
    id: newId(),
    project,
    inviterId: tx.me,
    role: input.role,
    email: input.email ?? null,
    userId: field === 'username' ? invitee?.userId : null,
    history: input.history ?? 'whole',
    tokenHash: sha256(tokens.own),
    mailedTokenHash: sha256(tokens.mailed),
    toldTitle: project.title,
    status: 'pending',
    createdAt: tx.now,
    expiresAt: expiryFrom(tx.now),
  });
  return deliver(tx, { invitation, project, tokens, mailOrigin }, 'member.invited');
}

/** Fresh secrets and fourteen more days; the old links end. */
export async function resendInvitation(tx: Tx, invitationId: string, mailOrigin: string): Promise<Issued> {
  const { invitation, project } = await accessOwnInvitation(tx, invitationId);
  await requireOpen(tx, project);
  const tokens = newTokens();
  const fate = { roomId: project.roomId, id: invitation.id, types: invitationFates };
  await decide(tx, fate, () => invitation.renew(tokens, project.title, tx.now));
  return deliver(tx, { invitation, project, tokens, mailOrigin }, 'invitation.resent');
}

export async function revokeInvitation(tx: Tx, invitationId: string): Promise<void> {
  const { invitation, project } = await accessOwnInvitation(tx, invitationId);
  if (invitation.status !== 'revoked') await takeBack(tx, invitation, project);
}

async function takeBack(tx: Tx, invitation: Invitation, { roomId }: Project): Promise<void> {
  const { id } = invitation;
  await decide(tx, { roomId, id, types: invitationFates }, () => invitation.revoke());
  tx.append(roomId, { type: 'invitation.revoked', data: { invitationId: id } });
}

interface Delivery {
  readonly invitation: Invitation;
  readonly project: Project;
  readonly tokens: Tokens;
  readonly mailOrigin: string;
}

async function deliver(
  tx: Tx,
  { invitation, project, tokens, mailOrigin }: Delivery,
  type: 'member.invited' | 'invitation.resent',
): Promise<Issued> {
  const inviter = await getAccount(tx.em, tx.me);
  const addressee = invitation.userId ? await getAccount(tx.em, invitation.userId) : null;
  const username = addressee?.username ?? null;
  tx.append(project.roomId, { type, data: presentOpenInvitation(invitation, username) });
  // Mail goes to an address the inviter named, or to one its owner has proven to be his.
  const to = invitation.email ?? (addressee?.isVerified ? addressee.email : null);
  if (to !== null) {
    const url = `${mailOrigin}/invitations/${tokens.mailed}`;
    const inviterName = inviter.displayName;
    await tx.enqueue('mail.send', composeInvitation({ to, url, inviterName, project, invitation }));
  }
  const surroundings = { projectTitle: project.title, inviterName: inviter.displayName, username };
  return { invitation, surroundings, now: tx.now, token: tokens.own };
}

async function findInvitee(tx: Tx, { email, username }: NewInvitation): Promise<Account | null> {
  if (username === undefined) return findAccount(tx.em, 'email', email ?? '');
  const account = await findAccount(tx.em, 'username', username);
  if (!account) throw refuseField('invalid', 'username', 'Nobody here has this username.');
  return account;
}

async function refuseMember(tx: Tx, project: Project, invitee: Account | null, field: string): Promise<void> {
  // Asked for an address without an account as well: time tells nobody who has one.
  if (await findRole(tx.em, project.roomId, invitee?.userId ?? newId())) {
    throw refuseField('conflict', field, 'This person is a member already.');
  }
}

/** One person has one open invitation, by whichever of his names; one that ran out makes room for the new one. */
async function refuseInvited(
  tx: Tx,
  project: Project,
  invitee: Account | null,
  email: string | undefined,
  field: string,
): Promise<void> {
  const pending = await tx.em.find(Invitation, { project: project.id, status: 'pending' });
  const invited = await findAccounts(
    tx.em,
    'id',
    pending.flatMap(({ userId }) => userId ?? []),
  );
  const addressOf = new Map(invited.map((account) => [account.userId, account.email]));
  const addresses = new Set([email, invitee?.email].filter((it) => it !== undefined));
  const same = pending.filter((it) => addresses.has(it.email ?? addressOf.get(it.userId ?? '') ?? ''));
  for (const invitation of same) {
    if (!invitation.isExpired(tx.now)) throw refuseField('conflict', field, 'This person is invited already.');
    await takeBack(tx, invitation, project);
  }
  // The unique index asks statement by statement: what ran out must be gone before the new row arrives.
  if (same.length > 0) await tx.em.flush();
}

interface Named {
  readonly email?: string | null | undefined;
  readonly username?: string | null | undefined;
}

/** By whom letters that he did not ask for are counted, whoever sends them: one mailbox, or one person. */
export function countedRecipient({ email, username }: Named): string {
  return typeof email === 'string' ? countedAddress(email) : `${username}`;
}

/** The same for an invitation that exists; who may send it again is asked afterwards. */
export async function findCountedRecipient(em: Em, invitationId: string): Promise<string> {
  const text = 'select i.email, u.username from invitations i left join users u on u.id = i.user_id where i.id = $1';
  const named = await queryOne<Named>(em, text, [invitationId]);
  return named ? countedRecipient(named) : invitationId;
}

/** Does this token open an invitation that can still be accepted? Then its bearer may also open an account. */
export async function isInvited(tx: Tx, token: string): Promise<boolean> {
  const open = await tx.query(
    `select 1 as one from invitations i join projects p on p.id = i.project_id and p.deleted_at is null
     where $1 in (i.token_hash, i.mailed_token_hash) and i.status = 'pending' and i.expires_at > $2`,
    [sha256(token), tx.now],
  );
  return open.length > 0;
}

function newTokens(): Tokens {
  const secret = () => randomBytes(32).toString('base64url');
  return { own: secret(), mailed: secret() };
}
