import { LockMode } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import type { Evidence, FileKind, FileVersion } from '@safesend/shared/files/file.ts';
import { queryOne, type Em } from '../../kernel/sql.ts';
import type { Tx } from '../../kernel/transact.ts';
import { accessTalk } from '../rooms/access.ts';
import { StoredFile } from './entity.ts';

/** The bytes of a version, for somebody who may have them. */
export interface ReadableVersion {
  readonly fileId: string;
  readonly roomId: string;
  readonly name: string;
  readonly version: number;
  readonly objectId: string;
  readonly storageKey: string;
  readonly size: number;
  readonly type: string;
  readonly kind: FileKind;
  readonly sha256: string;
  readonly scan: FileVersion['scan'];
  /** The number of the fact that brought it. */
  readonly seq: number;
  readonly isDamaged: boolean;
}

/** Somebody who is in the room now sees what one of his memberships there covers. `$person` and `seq` are SQL. */
export function seenBy(person: string, room: string, seq: string): string {
  return `exists (select from memberships now where now.room_id = ${room} and now.user_id = ${person} and now.until_seq is null)
    and exists (select from memberships m where m.room_id = ${room} and m.user_id = ${person}
                and ${seq} >= m.from_seq and (m.until_seq is null or ${seq} <= m.until_seq))`;
}

/** He sees at least one version of this file; the alias and the person are SQL. */
export function isSeen(file: string, person: string): string {
  return `exists (select from file_versions seen where seen.file_id = ${file}.id and ${seenBy(person, `${file}.room_id`, 'seen.seq')})`;
}

/**
 * The one question before every byte: is he a member now, did the version's fact fall into one of his intervals, and is
 * the file still there? Anything else is `missing`, whatever the reason (L6, L7).
 */
export async function mayReadFile(em: Em, userId: string, fileId: string, version: number): Promise<ReadableVersion> {
  const row = await queryOne<ReadableVersion>(
    em,
    `select v.file_id as "fileId", f.room_id as "roomId", f.name, v.version, v.object_id as "objectId",
       o.storage_key as "storageKey", v.size::float8 as size, v.type, v.kind, v.sha256, v.scan, v.seq::float8 as seq,
       o.damaged_at is not null as "isDamaged"
     from file_versions v join files f on f.id = v.file_id join file_objects o on o.id = v.object_id
     where v.file_id = $1 and v.version = $2::bigint and f.removed_at is null and ${seenBy('$3', 'f.room_id', 'v.seq')}`,
    [fileId, version, userId],
  );
  if (!row) throw missingFile();
  return row;
}

/** Is this person the owner of the room's project? The module of projects knows. */
export type OwnsRoom = (em: Em, roomId: string, userId: string) => Promise<boolean>;

/** Which of these milestones still needs what was handed in for it, if any? The module of projects knows. */
export type FindClaim = (em: Em, milestoneIds: readonly string[]) => Promise<Evidence | null>;

/** What only the modules above know of a file's room. */
export interface RoomRules {
  readonly ownsRoom: OwnsRoom;
  readonly findClaim: FindClaim;
}

/** A file the acting person sees, locked until commit. */
export async function accessFile(tx: Tx, fileId: string): Promise<StoredFile> {
  const at = await queryOne<{ room_id: string }>(
    tx.em,
    `select f.room_id from files f where f.id = $1 and ${isSeen('f', '$2')}`,
    [fileId, tx.me],
  );
  if (!at) throw missingFile();
  await accessTalk(tx, at.room_id);
  return tx.em.findOneOrFail(StoredFile, fileId, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** Who dropped a file and the owner of its room may change it; the others see it. */
export async function accessOwnFile(tx: Tx, fileId: string, ownsRoom: OwnsRoom): Promise<StoredFile> {
  const file = await accessFile(tx, fileId);
  if (!(await mayChange(tx.em, file, tx.me, ownsRoom))) {
    throw new Failure('forbidden', 'Only who dropped this file and the owner of the project can change it.');
  }
  return file;
}

/** Who may change a file also sees who else gets it. */
export async function requireOwnFile(em: Em, userId: string, fileId: string, ownsRoom: OwnsRoom): Promise<void> {
  const file = await queryOne<{ droppedBy: string; roomId: string }>(
    em,
    `select f.dropped_by as "droppedBy", f.room_id as "roomId" from files f where f.id = $1 and ${isSeen('f', '$2')}`,
    [fileId, userId],
  );
  if (!file) throw missingFile();
  if (!(await mayChange(em, file, userId, ownsRoom)))
    throw new Failure('forbidden', 'Only who dropped this file and the owner of the project see that.');
}

export async function mayChange(
  em: Em,
  { droppedBy, roomId }: { readonly droppedBy: string; readonly roomId: string },
  userId: string,
  ownsRoom: OwnsRoom,
): Promise<boolean> {
  return droppedBy === userId || ownsRoom(em, roomId, userId);
}

export function missingFile(): Failure {
  return new Failure('missing', 'No such file.');
}
