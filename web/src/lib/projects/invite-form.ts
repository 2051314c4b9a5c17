import type { RoomRole } from '@safesend/shared/rooms/member.ts';

/** An invitation as it is typed. */
export interface InviteValues {
  way: 'email' | 'username';
  email: string;
  username: string;
  role: RoomRole;
  history: 'whole' | 'join';
}

/** Somebody who could be invited, as far as it is known who. */
export type Invitee = { readonly email: string } | { readonly username: string };

export function blankInvite(role: RoomRole, to: Invitee | null = null): InviteValues {
  const values: InviteValues = { way: 'email', email: '', username: '', role, history: 'whole' };
  if (!to) return values;
  return 'email' in to ? { ...values, email: to.email } : { ...values, way: 'username', username: to.username };
}

export function inviteInput({ way, email, username, role, history }: InviteValues): unknown {
  const to = way === 'email' ? { email: email.trim() } : { username: username.trim().replace(/^@/, '') };
  return { ...to, role, history };
}
