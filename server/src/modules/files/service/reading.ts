import { Failure } from '@safesend/shared/failure.ts';
import type {
  Evidence,
  FileKind,
  FileVersion,
  ListedFile,
  PreviewState,
  RoomFile,
  StorageState,
} from '@safesend/shared/files/file.ts';
import { refusedExtensions } from '@safesend/shared/files/limits.ts';
import { id as idShape } from '@safesend/shared/ids.ts';
import { windowSize } from '@safesend/shared/rooms/room.ts';
import { moment } from '@safesend/shared/values.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { findSeat } from '../../rooms/access.ts';
import { mayChange, missingFile, seenBy, type RoomRules } from '../access.ts';
import type { SnapshotContributor } from '../../rooms/service/snapshot.ts';
import { presentFileRow, presentListed, presentVersion, type FileRow, type VersionRow } from '../present.ts';
import { findEvidence } from './evidence.ts';
import { joinPreview, presentPreview, previewColumns, type PreviewRow } from './previews.ts';
import { findOwnRoomLeft, findRoomLeft, type FileLimits } from './usage.ts';

export { mayReadFile as findReadable, type OwnsRoom, type ReadableVersion, type RoomRules } from '../access.ts';

const versionColumns = `v.version, v.type, v.kind, v.size::float8 as size, v.sha256, v.scan, v.created_by, v.created_at, v.restored_from`;
const fileColumns = `f.id, f.room_id, f.name, f.dropped_by, f.dropped_at, f.removed_at, f.removed_by, f.joined_into, ${versionColumns}`;
const fromFiles = `files f join file_versions v on v.file_id = f.id and v.version = f.current_version`;

/** A room's newest files by their drop, oldest first, tombstones among them: what the snapshot says. */
export const contributeFiles: SnapshotContributor = async (em, room, userId) => {
  const rows = await query<FileRow>(
    em,
    `select ${fileColumns} from ${fromFiles} where f.room_id = $1 and ${seenBy('$2', 'f.room_id', 'f.dropped_seq')}
     order by f.dropped_seq desc limit $3`,
    [room.id, userId, windowSize],
  );
  return { files: rows.map(presentFileRow).reverse() };
};

export interface FileFilter {
  readonly roomId?: string | undefined;
  readonly q?: string | undefined;
  readonly kind?: FileKind | undefined;
  readonly by?: string | undefined;
  readonly milestoneId?: string | undefined;
}

export interface FileSearch extends FileFilter {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Of `files f` with their current `file_versions v`, what a person may open and a filter lets through. */
export const passesFilter = `f.removed_at is null and ${seenBy('$1', 'f.room_id', 'v.seq')}
  and ($2::uuid is null or f.room_id = $2) and ($3::text is null or position(lower($3) in lower(f.name)) > 0)
  and ($4::text is null or v.kind = $4) and ($5::uuid is null or f.dropped_by = $5)
  and ($6::uuid is null or exists (select from file_pins pin where pin.file_id = f.id and pin.milestone_id = $6))`;

/** The first six parameters of `passesFilter`. */
export function filterParameters(userId: string, { roomId, q, kind, by, milestoneId }: FileFilter): unknown[] {
  return [userId, roomId ?? null, q ?? null, kind ?? null, by ?? null, milestoneId ?? null];
}

/** The files I can open, the one with the newest version first; the cursor names the last one shown. */
export async function findFiles(
  em: Em,
  userId: string,
  { limit = 50, cursor, ...filter }: FileSearch,
): Promise<{ items: ListedFile[]; nextCursor: string | null }> {
  if (filter.roomId !== undefined) await findSeat(em, filter.roomId, userId);
  const [at, after] = cursor === undefined ? [null, null] : readPlace(cursor);
  const rows = await query<FileRow & PreviewRow & { room_title: string }>(
    em,
    `select ${fileColumns}, r.title as room_title, ${previewColumns} from ${fromFiles} join rooms r on r.id = f.room_id ${joinPreview}
     where ${passesFilter} and ($7::timestamptz is null or (v.created_at, f.id) < ($7, $8::uuid))
     order by v.created_at desc, f.id desc limit $9`,
    [...filterParameters(userId, filter), at, after, limit + 1],
  );
  const items = rows.slice(0, limit).map((row) => presentListed(row, presentPreview(row)));
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? Buffer.from(`${last.current.createdAt} ${last.id}`).toString('base64url') : null };
}

function readPlace(cursor: string): [string, string] {
  const [at = '', after = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  if (!moment.safeParse(at).success) throw unknownCursor();
  return [at, readCursor(after)];
}

export function readCursor(cursor: string): string {
  const parsed = idShape.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw unknownCursor();
}

const unknownCursor = () =>
  new Failure('invalid', 'This cursor is not one of ours.', { errors: [{ path: 'cursor', message: 'Not a cursor.' }] });

export interface FileInHand {
  readonly file: RoomFile;
  readonly versions: FileVersion[];
  readonly previews: PreviewState[];
  readonly mayChange: boolean;
  readonly evidence: Evidence | null;
}

/** A file with the versions this person may see, newest first. A tombstone tells what it was, and has no versions. */
export async function findFile(
  em: Em,
  fileId: string,
  userId: string,
  { ownsRoom, findClaim }: RoomRules,
): Promise<FileInHand> {
  const versions = await query<VersionRow & PreviewRow>(
    em,
    `select ${versionColumns}, ${previewColumns} from file_versions v join files f on f.id = v.file_id ${joinPreview}
     where v.file_id = $1 and ${seenBy('$2', 'f.room_id', 'v.seq')} order by v.version desc`,
    [fileId, userId],
  );
  const row = await queryOne<FileRow>(
    em,
    `select ${fileColumns} from files f join file_versions v on v.file_id = f.id where f.id = $1 and v.version = $2`,
    [fileId, versions[0]?.version ?? 0],
  );
  if (!row) throw missingFile();
  const file = presentFileRow(row);
  if (file.removedAt !== null) return { file, versions: [], previews: [], mayChange: false, evidence: null };
  return {
    file,
    versions: versions.map(presentVersion),
    previews: versions.map(presentPreview),
    mayChange: await mayChange(em, file, userId, ownsRoom),
    evidence: await findEvidence(em, fileId, findClaim),
  };
}

/** What the page says before somebody drops a file. */
export async function findStorage(
  em: Em,
  roomId: string,
  userId: string,
  limits: FileLimits,
  scanned: boolean,
): Promise<StorageState> {
  await findSeat(em, roomId, userId);
  return {
    maxFileBytes: limits.maxFileBytes,
    refusedExtensions: [...refusedExtensions],
    mine: await findOwnRoomLeft(em, userId, limits.personBytes),
    room: await findRoomLeft(em, roomId, limits.roomBytes),
    scanned,
  };
}
