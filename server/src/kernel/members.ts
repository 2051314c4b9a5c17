import { query, type Em } from './sql.ts';

/** Per room, the people who are in it now. */
export type Members = ReadonlyMap<string, readonly string[]>;

interface Known {
  readonly version: string;
  readonly userIds: readonly string[];
}
interface LockedHead {
  readonly room_id: string;
  readonly epoch: string;
  readonly members_version: string;
}

const maxRooms = 20_000;
const knownBy = new WeakMap<object, Map<string, Known>>();

/**
 * Who is in rooms whose heads this transaction has locked. A membership changes only together with its room's
 * `members_version`, and that only under the head's lock: what was read under the lock is true for as long as the
 * version is the same, and need not be read again.
 */
export async function membersUnderLock(em: Em, heads: readonly LockedHead[]): Promise<Members> {
  const driver = em.getDriver();
  const known = knownBy.get(driver) ?? new Map<string, Known>();
  knownBy.set(driver, known);
  const unknown = heads.filter((head) => known.get(head.room_id)?.version !== versionOf(head));
  const read = await readMembers(
    em,
    unknown.map(({ room_id }) => room_id),
  );
  for (const head of unknown) {
    known.set(head.room_id, { version: versionOf(head), userIds: read.get(head.room_id) ?? [] });
  }
  const members = new Map(heads.map(({ room_id }) => [room_id, known.get(room_id)?.userIds ?? []]));
  forgetOldest(known);
  return members;
}

/** A restored database counts its versions anew, in another epoch. */
function versionOf({ epoch, members_version }: LockedHead): string {
  return `${epoch} ${members_version}`;
}

function forgetOldest(known: Map<string, Known>): void {
  for (const roomId of known.keys()) {
    if (known.size <= maxRooms) return;
    known.delete(roomId);
  }
}

export async function readMembers(em: Em, roomIds: readonly string[]): Promise<Members> {
  if (roomIds.length === 0) return new Map();
  const rows = await query<{ room_id: string; user_ids: string[] }>(
    em,
    `select room_id, array_agg(user_id::text) as user_ids from memberships
     where room_id = any($1) and until_seq is null group by room_id`,
    [roomIds],
  );
  const byRoom = new Map(rows.map(({ room_id, user_ids }) => [room_id, user_ids]));
  return new Map(roomIds.map((roomId) => [roomId, byRoom.get(roomId) ?? []]));
}
