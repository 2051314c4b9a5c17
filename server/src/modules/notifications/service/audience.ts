import type { Tx } from '../../../kernel/transact.ts';

/** A person and the inbox that is his. */
export interface Recipient {
  readonly userId: string;
  readonly inboxRoomId: string;
}

/** The people to tell, with the words that are the same for all of them. */
export interface Audience {
  readonly recipients: readonly Recipient[];
  readonly actorName: string;
  readonly roomTitle: string;
}

interface AudienceRow {
  user_id: string;
  inbox_room_id: string;
  title: string;
  actor_name: string | null;
}

/** SQL: what is read of somebody to tell, and who is in the room $1 beside the one who acts, $2. */
export const words = `u.id as user_id, u.inbox_room_id, r.title, (select p.display_name from profiles p where p.user_id = $2) as actor_name`;
export const others = `memberships m join users u on u.id = m.user_id join rooms r on r.id = m.room_id
  where m.room_id = $1 and m.until_seq is null and m.user_id is distinct from $2::uuid`;

export const everybodyElse = `select ${words} from ${others} and r.kind = 'project'`;

export const nobody: Audience = { recipients: [], actorName: '', roomTitle: '' };

export async function findAudience(tx: Tx, sql: string, [roomId, ...rest]: readonly unknown[]): Promise<Audience> {
  const rows = await tx.query<AudienceRow>(sql, [roomId, tx.actor.id, ...rest]);
  const [first] = rows;
  if (!first) return nobody;
  const recipients = rows.map((row) => ({ userId: row.user_id, inboxRoomId: row.inbox_room_id }));
  return { recipients, actorName: first.actor_name ?? '', roomTitle: first.title };
}

export function without(audience: Audience, others: Audience): Audience {
  const told = new Set(others.recipients.map(({ userId }) => userId));
  return { ...audience, recipients: audience.recipients.filter(({ userId }) => !told.has(userId)) };
}
