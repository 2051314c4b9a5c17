import { LockMode } from '@mikro-orm/core';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import type { FileKind, FileVersion, RoomFile } from '@safesend/shared/files/file.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { FactType } from '@safesend/shared/rooms/event.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessTalk } from '../../rooms/access.ts';
import { accessOwnFile, mayReadFile, missingFile, type FindClaim, type OwnsRoom, type RoomRules } from '../access.ts';
import { StoredFile } from '../entity.ts';
import { presentFile, presentVersion, type VersionRow } from '../present.ts';
import { findEvidence, keepEvidence } from './evidence.ts';
import { hasPreview } from './previews.ts';
import type { UploadRow } from './uploads.ts';
import { giveBack } from './usage.ts';

/** Bytes that lie in the store, ready to be cited. */
export interface Stored {
  readonly objectId: string;
  readonly storageKey: string;
  readonly sha256: string;
  readonly size: number;
  readonly type: string;
  readonly kind: FileKind;
  readonly scan: FileVersion['scan'];
}

type FileFact = Extract<FactType, `file.${string}`>;

/** The last step of an upload: a new file, or a new version of one, with its fact. */
export async function dropFile(
  tx: Tx,
  upload: UploadRow,
  stored: Stored,
  ownsRoom: OwnsRoom,
): Promise<{ fileId: string; version: number }> {
  await accessTalk(tx, upload.room_id);
  await tx.query(
    `insert into file_objects (id, storage_key, sha256, size, type, scan, created_at, verified_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)`,
    [stored.objectId, stored.storageKey, stored.sha256, stored.size, stored.type, stored.scan, tx.now],
  );
  if (hasPreview(stored)) await tx.enqueue('preview.make', { objectId: stored.objectId });
  const file = upload.file_id === null ? newFile(tx, upload) : await accessOwnFile(tx, upload.file_id, ownsRoom);
  const version = upload.file_id === null ? 1 : file.addVersion();
  const type = upload.file_id === null ? 'file.dropped' : 'file.versioned';
  const { seq } = await appendVersion(tx, file, { ...stored, version, createdBy: tx.me, restoredFrom: null }, type);
  tx.whenNumbered(async () => {
    const done = await tx.query(
      `update uploads set status = 'done', result_file_id = $2, result_version = $3, result_seq = $4
       where id = $1 and status = 'open' returning 1 as one`,
      [upload.id, file.id, version, seq()],
    );
    if (done.length === 0) throw new Failure('missing', 'This upload was ended.');
  });
  return { fileId: file.id, version };
}

function newFile(tx: Tx, { room_id: roomId, name }: UploadRow): StoredFile {
  return tx.em.create(StoredFile, {
    id: newId(),
    roomId,
    name,
    droppedBy: tx.me,
    droppedAt: tx.now,
    currentVersion: 1,
    removedAt: null,
    removedBy: null,
    joinedInto: null,
  });
}

/** An older version's bytes once more, as the newest version. */
export async function restoreVersion(tx: Tx, fileId: string, older: number, ownsRoom: OwnsRoom): Promise<RoomFile> {
  const file = await accessOwnFile(tx, fileId, ownsRoom);
  file.requirePresent();
  if (older > file.currentVersion) throw refuseField('invalid', 'version', 'There is no such version.');
  await mayReadFile(tx.em, tx.me, fileId, older);
  const source = await findVersion(tx, fileId, older);
  const { view } = await appendVersion(
    tx,
    file,
    { ...source, version: file.addVersion(), createdBy: tx.me, restoredFrom: older },
    'file.versioned',
  );
  return view;
}

/** Two drops that were meant as one: the other file's newest bytes become this one's newest version, and it goes. */
export async function joinFile(tx: Tx, fileId: string, otherId: string, rules: RoomRules): Promise<RoomFile> {
  if (fileId === otherId) throw new Failure('conflict', 'A file cannot be joined with itself.');
  // In the order of their ids, so that two who join the same pair queue up.
  const locked = new Map<string, StoredFile>();
  for (const each of [fileId, otherId].sort()) locked.set(each, await accessOwnFile(tx, each, rules.ownsRoom));
  const [file, other] = [locked.get(fileId), locked.get(otherId)];
  if (!file || !other || file.roomId !== other.roomId) throw missingFile();
  file.requirePresent();
  other.requirePresent();
  // Its bytes come back under a new number: nobody brings to light what his own membership does not cover.
  await mayReadFile(tx.em, tx.me, otherId, other.currentVersion);
  const source = await findVersion(tx, otherId, other.currentVersion);
  await removeLocked(tx, other, fileId, rules.findClaim);
  const charged = { bytes: -source.size, files: -1 };
  await giveBack(
    tx.em,
    new Map([
      [source.createdBy, charged],
      [file.roomId, charged],
    ]),
  );
  const { view } = await appendVersion(
    tx,
    file,
    { ...source, version: file.addVersion(), restoredFrom: null },
    'file.versioned',
  );
  return view;
}

export async function removeFile(tx: Tx, fileId: string, { ownsRoom, findClaim }: RoomRules): Promise<void> {
  await removeLocked(tx, await accessOwnFile(tx, fileId, ownsRoom), null, findClaim);
}

async function removeLocked(tx: Tx, file: StoredFile, joinedInto: string | null, findClaim: FindClaim): Promise<void> {
  const current = await findVersion(tx, file.id, file.currentVersion);
  file.remove(tx.me, tx.now, joinedInto);
  tx.append(file.roomId, { type: 'file.removed', data: presentFile(file, asView(current)) });
  keepEvidence(tx, file.id, findClaim);
  const owned = await tx.query<{ created_by: string; bytes: number; files: number }>(
    `select created_by, sum(size)::float8 as bytes, count(*)::int as files from file_versions
     where file_id = $1 and restored_from is null group by created_by`,
    [file.id],
  );
  const total = owned.reduce((sum, it) => ({ bytes: sum.bytes + it.bytes, files: sum.files + it.files }), {
    bytes: 0,
    files: 0,
  });
  await giveBack(tx.em, new Map([...owned.map((it) => [it.created_by, it] as const), [file.roomId, total]]));
}

interface NewVersion {
  readonly objectId: string;
  readonly version: number;
  readonly type: string;
  readonly kind: FileKind;
  readonly size: number;
  readonly sha256: string;
  readonly scan: FileVersion['scan'];
  readonly createdBy: string;
  readonly restoredFrom: number | null;
}

/** Writes a version and its fact; the version learns the fact's number before the commit. */
async function appendVersion(
  tx: Tx,
  file: StoredFile,
  version: NewVersion,
  type: FileFact,
): Promise<{ view: RoomFile; seq: () => number }> {
  // The version's row refers to the file's.
  await tx.em.flush();
  const { objectId, createdBy, restoredFrom, kind, size, sha256, scan } = version;
  await tx.query(
    `insert into file_versions (file_id, version, object_id, size, type, kind, sha256, scan, created_by, created_at, restored_from)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [file.id, version.version, objectId, size, version.type, kind, sha256, scan, createdBy, tx.now, restoredFrom],
  );
  const view = presentFile(file, asView({ ...version, createdAt: tx.now }));
  const ref = tx.append(file.roomId, { type, data: view });
  tx.whenNumbered(async () => {
    await tx.query(
      `with numbered as (update file_versions set seq = $3 where file_id = $1 and version = $2)
       update files set dropped_seq = $3 where id = $1 and $4`,
      [file.id, version.version, ref.seq, type === 'file.dropped'],
    );
  });
  return { view, seq: () => ref.seq };
}

type VersionInHand = NewVersion & { readonly createdAt: Date };

function asView({
  objectId: _objectId,
  createdAt,
  version,
  type,
  kind,
  size,
  sha256,
  scan,
  createdBy,
  restoredFrom,
}: VersionInHand): FileVersion {
  return { version, type, kind, size, sha256, scan, createdBy, createdAt: createdAt.toISOString(), restoredFrom };
}

async function findVersion(tx: Tx, fileId: string, version: number): Promise<VersionInHand> {
  const [row] = await tx.query<VersionRow & { object_id: string | null }>(
    `select version, object_id, size::float8 as size, type, kind, sha256, scan, created_by, created_at, restored_from
     from file_versions where file_id = $1 and version = $2`,
    [fileId, version],
  );
  if (!row?.object_id) throw missingFile();
  const { createdAt, ...view } = presentVersion(row);
  return { ...view, objectId: row.object_id, createdAt: new Date(createdAt) };
}

/** A message may cite what its author may read, in the same room. */
export async function citeFiles(
  tx: Tx,
  roomId: string,
  messageId: string,
  cited: readonly { fileId: string; version: number }[],
): Promise<void> {
  for (const { fileId, version } of cited) {
    const readable = await mayReadFile(tx.em, tx.me, fileId, version);
    if (readable.roomId !== roomId) throw missingFile();
    await tx.query(
      'insert into file_citations (message_id, file_id, version) values ($1, $2, $3) on conflict do nothing',
      [messageId, fileId, version],
    );
  }
}

/** Who deletes his message takes along the files he dropped that it was the first to cite; evidence stays. */
export async function removeWithMessage(tx: Tx, messageId: string, findClaim: FindClaim): Promise<void> {
  const found = await tx.query<{ id: string }>(
    `select distinct f.id from file_citations c join files f on f.id = c.file_id
     where c.message_id = $1 and f.dropped_by = $2 and f.removed_at is null
       and not exists (select from file_citations e join messages m on m.id = e.message_id
                       where e.file_id = f.id and e.message_id <> $1
                         and (m.deleted_at is null or e.message_id < $1)) order by f.id`,
    [messageId, tx.me],
  );
  for (const { id } of found) {
    const file = await tx.em.findOneOrFail(StoredFile, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (file.removedAt || (await findEvidence(tx.em, id, findClaim))) continue;
    await removeLocked(tx, file, null, findClaim);
  }
}
