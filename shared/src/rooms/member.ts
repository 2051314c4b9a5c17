import { z } from 'zod';
import { id } from '../ids.ts';
import { moment } from '../values.ts';

export const roomRole = z.enum(['client', 'freelancer']);
export type RoomRole = z.infer<typeof roomRole>;

/** A person in a room. Never an address. `joinedSeq` is the number of the fact that let him in. */
export const member = z.strictObject({
  userId: id,
  username: z.string(),
  displayName: z.string(),
  role: roomRole,
  joinedSeq: z.int().positive(),
});
export type Member = z.infer<typeof member>;

/** As lists of rooms show him: the picture is no part of what a room's log says. */
export const listedMember = z.strictObject({
  ...member.shape,
  /** Names his picture; null when he shows none. */
  avatarId: id.nullable(),
});
export type ListedMember = z.infer<typeof listedMember>;

/** An open invitation as the room sees it; `label` is the username or a masked address. */
export const openInvitation = z.strictObject({
  id,
  role: roomRole,
  label: z.string(),
  invitedBy: id,
  expiresAt: moment,
});
export type OpenInvitation = z.infer<typeof openInvitation>;

export const readMark = z.strictObject({ userId: id, seq: z.int().min(0) });
export type ReadMark = z.infer<typeof readMark>;
