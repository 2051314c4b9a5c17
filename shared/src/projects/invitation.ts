import { z } from 'zod';
import { email, username } from '../accounts/user.ts';
import { id } from '../ids.ts';
import { roomRole } from '../rooms/member.ts';
import { moment } from '../values.ts';

export const invitationDays = 14;

export const invitationStatus = z.enum(['pending', 'accepted', 'declined', 'revoked', 'expired']);

/** An invitation as its maker and its receiver see it. */
export const invitation = z.strictObject({
  id,
  projectId: id,
  projectTitle: z.string(),
  inviterId: id,
  inviterName: z.string(),
  role: roomRole,
  /** The username or the address that was invited (masked for anybody but the project's owner and the reader of its mail). */
  label: z.string(),
  history: z.enum(['whole', 'join']),
  status: invitationStatus,
  createdAt: moment,
  expiresAt: moment,
});
export type Invitation = z.infer<typeof invitation>;

/** `ana@example.com` → `a•••@example.com`. */
export function maskedAddress(email: string): string {
  const at = email.lastIndexOf('@');
  return `${email.slice(0, 1)}•••${email.slice(at)}`;
}

/** Is this who was invited, as far as the label says? One address behind a mask may look like another. */
export function isMeantFor(
  { label }: Pick<Invitation, 'label'>,
  { username, email }: { readonly username: string; readonly email: string },
): boolean {
  return [username, email, maskedAddress(email)].includes(label);
}

export const newInvitation = z
  .strictObject({
    email: email.optional(),
    username: username.optional(),
    role: roomRole,
    /** How much of the room the newcomer may read: everything, or from his joining on. */
    history: z.enum(['whole', 'join']).optional(),
  })
  .refine((it) => (it.email === undefined) !== (it.username === undefined), {
    path: ['email'],
    message: 'Give an e-mail address or a username, one of the two.',
  });
export type NewInvitation = z.infer<typeof newInvitation>;
