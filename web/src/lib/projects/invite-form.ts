import type { RoomRole } from '@safesend/shared/rooms/member.ts';

/** An invitation as it is typed. */
export interface InviteValues {
  way: 'email' | 'username';
  email: string;
  username: string;
  role: RoomRole;
  history: 'whole' | 'join';
}

export function blankInvite(role: RoomRole): InviteValues {
  return { way: 'email', email: '', username: '', role, history: 'whole' };
}

export function inviteInput({ way, email, username, role, history }: InviteValues): unknown {
  const to = way === 'email' ? { email: email.trim() } : { username: username.trim().replace(/^@/, '') };
  return { ...to, role, history };
}
