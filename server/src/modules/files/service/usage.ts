import { Failure } from '@safesend/shared/failure.ts';
import { maxFilesPerPerson } from '@safesend/shared/files/limits.ts';
import type { StorageState } from '@safesend/shared/files/file.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';

/** What the operator allows; single people and rooms may have a limit of their own. Bytes. */
export interface FileLimits {
  readonly maxFileBytes: number;
  readonly personBytes: number;
  readonly roomBytes: number;
}

interface Amount {
  readonly bytes: number;
  readonly files: number;
}

/** Takes room for one file, for a person and his room at once; fails as `too_large` where it does not fit. */
export async function reserve(
  em: Em,
  limits: FileLimits,
  { userId, roomId, size }: { readonly userId: string; readonly roomId: string; readonly size: number },
): Promise<void> {
  // The person first, then the room: everybody takes them in this order.
  const own = { owner: userId, size, limit: limits.personBytes, files: maxFilesPerPerson };
  const mine = (await take(em, own)) || (await take(em, { ...own, heldBytes: await findHeldBytes(em, userId) }));
  if (!mine) throw full(await findOwnRoomLeft(em, userId, limits.personBytes), 'Your storage is full');
  const room = await take(em, { owner: roomId, size, limit: limits.roomBytes, files: null });
  if (!room) throw full(await findRoomLeft(em, roomId, limits.roomBytes), 'The storage of this room is full');
}

interface Taking {
  readonly owner: string;
  readonly size: number;
  readonly limit: number;
  readonly files: number | null;
  /** Of what is counted, so much does not count. */
  readonly heldBytes?: number;
}

async function take(em: Em, taking: Taking): Promise<boolean> {
  if (await takeCounted(em, taking)) return true;
  // Full, or nothing was ever taken here.
  await query(em, 'insert into storage_usage (owner_id) values ($1) on conflict do nothing', [taking.owner]);
  return takeCounted(em, taking);
}

async function takeCounted(em: Em, { owner, size, limit, files, heldBytes = 0 }: Taking): Promise<boolean> {
  const taken = await query(
    em,
    `update storage_usage set bytes = bytes + $2, files = files + 1
     where owner_id = $1 and bytes - $5 + $2 <= coalesce(limit_bytes, $3) and ($4::int is null or files < $4) returning 1 as one`,
    [owner, size, limit, files, heldBytes],
  );
  return taken.length > 0;
}

/** What was handed in stays for both sides. Who is no longer in its room can do nothing about it, and it does not count. */
async function findHeldBytes(em: Em, userId: string): Promise<number> {
  const row = await queryOne<{ bytes: number }>(
    em,
    `select coalesce(sum(v.size), 0)::float8 as bytes from file_versions v join files f on f.id = v.file_id
     where v.created_by = $1 and v.restored_from is null and f.removed_at is null
       and exists (select from file_pins p where p.file_id = f.id)
       and not exists (select from memberships m where m.room_id = f.room_id and m.user_id = $1 and m.until_seq is null)`,
    [userId],
  );
  return row?.bytes ?? 0;
}

/** Of a person. */
export async function findOwnRoomLeft(em: Em, userId: string, limit: number): Promise<StorageState['mine']> {
  const { usedBytes, limitBytes } = await findRoomLeft(em, userId, limit);
  return { usedBytes: Math.max(0, usedBytes - (await findHeldBytes(em, userId))), limitBytes };
}

function full({ usedBytes, limitBytes }: StorageState['mine'], what: string): Failure {
  const left = Math.max(0, limitBytes - usedBytes);
  return new Failure('too_large', `${what}: ${left} bytes of ${limitBytes} are left. Remove files to make room.`);
}

/** Gives back what was taken, or moves it with a negative amount. */
export async function giveBack(em: Em, owners: ReadonlyMap<string, Amount>): Promise<void> {
  for (const [owner, { bytes, files }] of [...owners].sort(([a], [b]) => a.localeCompare(b))) {
    await query(
      em,
      'update storage_usage set bytes = greatest(0, bytes - $2), files = greatest(0, files - $3) where owner_id = $1',
      [owner, bytes, files],
    );
  }
}

export async function findRoomLeft(em: Em, owner: string, limit: number): Promise<StorageState['mine']> {
  const row = await queryOne<{ bytes: number; limit_bytes: number | null }>(
    em,
    'select bytes::float8 as bytes, limit_bytes::float8 as limit_bytes from storage_usage where owner_id = $1',
    [owner],
  );
  return { usedBytes: row?.bytes ?? 0, limitBytes: row?.limit_bytes ?? limit };
}
