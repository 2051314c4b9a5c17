import { stat } from 'node:fs/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Failure, type FailureCode } from '@safesend/shared/failure.ts';
import { strike } from '../../../kernel/faults.ts';
import type { Logger } from '../../../kernel/log.ts';
import { hashFile } from '../../../kernel/ports/hashing.ts';
import type { Scanner } from '../../../kernel/ports/scanner.ts';
import { synced, type Storage } from '../../../kernel/ports/storage.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Transact } from '../../../kernel/transact.ts';
import type { OwnsRoom } from '../access.ts';
import { dropFile, type Stored } from './files.ts';
import type { Intake } from './intake.ts';
import type { Leases } from './leases.ts';
import { sniff } from './sniff.ts';
import { isMissing, removeStaged, stagedPath, withOwnName } from './staged.ts';
import { closeUpload, findUpload, type UploadRow } from './uploads.ts';

/** What an upload became. */
export interface Dropped {
  readonly fileId: string;
  readonly version: number;
  readonly seq: number;
}

export interface IngestDeps {
  readonly orm: MikroORM;
  readonly transact: Transact;
  readonly storage: Storage;
  readonly scanner: Scanner | null;
  readonly leases: Leases;
  readonly intake: Intake;
  readonly ownsRoom: OwnsRoom;
  /** The folder where uploads are staged, one file each, named by its id. */
  readonly staging: string;
  readonly log: Logger;
}

/** Ends of an upload that trying again does not change. */
const final: ReadonlySet<FailureCode> = new Set(['unsupported', 'missing', 'forbidden', 'conflict', 'invalid']);

/** Refused uploads answer what they were refused for as often as they are asked. */
function refusal(reason: string | null): Failure {
  const [code, ...words] = (reason ?? '').split(' ');
  return new Failure(code as FailureCode, words.join(' '));
}

/**
 * From the last byte to the fact. Every step can be repeated, whichever process died in it; asked again, it answers
 * again. Fails as `conflict` while bytes are missing.
 */
export async function finishUpload(deps: IngestDeps, uploadId: string): Promise<Dropped> {
  const known = settled(await findUpload(deps.orm.em.fork(), uploadId));
  if (known) return known;
  const lease = await deps.leases.hold(uploadId, () => undefined);
  try {
    const upload = await findUpload(deps.orm.em.fork(), uploadId);
    if (upload) await flush(deps, upload);
    return await finishHeld(deps, upload);
  } finally {
    await lease.giveBack();
  }
}

/** Whoever sent the last byte may have died before it was on the disk. */
async function flush({ staging, intake }: IngestDeps, { id, user_id: userId }: UploadRow): Promise<void> {
  const path = stagedPath(staging, id);
  await intake.flushes
    .inTurn(userId, () => synced(path))
    .catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
}

/** The same for who holds the upload, has read it since, and knows that its bytes are on the disk. */
export async function finishHeld(deps: IngestDeps, upload: UploadRow | null): Promise<Dropped> {
  return settled(upload) ?? (await ingest(deps, upload as UploadRow));
}

function settled(upload: UploadRow | null): Dropped | null {
  if (!upload || upload.status === 'ended') throw new Failure('missing', 'No such upload.');
  if (upload.status === 'refused') throw refusal(upload.reason);
  if (upload.status === 'open') return null;
  const { result_file_id: fileId, result_version: version, result_seq: seq } = upload;
  if (fileId === null || version === null || seq === null) throw new Error('a finished upload without its file');
  return { fileId, version, seq };
}

async function ingest(deps: IngestDeps, upload: UploadRow): Promise<Dropped> {
  const path = stagedPath(deps.staging, upload.id);
  const size = await stat(path).then(
    (it) => it.size,
    () => 0,
  );
  if (size !== upload.size) throw new Failure('conflict', 'Not all of this upload has arrived.');
  try {
    return await deps.intake.steps.inTurn(upload.user_id, async () => {
      const stored = await withOwnName(path, (own) => publish(deps, upload, own));
      strike('published');
      const dropped = await commit(deps, upload, stored);
      strike('dropped');
      await removeStaged(deps.staging, upload.id);
      return dropped;
    });
  } catch (error) {
    if (error instanceof Failure && final.has(error.code)) {
      await closeUpload(deps.transact, upload.id, { status: 'refused', reason: `${error.code} ${error.message}` });
      await discard(deps, upload.id);
    }
    throw error;
  }
}

async function publish(deps: IngestDeps, upload: UploadRow, path: string): Promise<Stored> {
  const sha256 = await hashFile(path);
  if (upload.sha256 !== null && upload.sha256 !== sha256) {
    throw new Failure('conflict', 'What arrived is not what was sent: its SHA-256 differs. Upload it again.');
  }
  const { type, kind } = await sniff(path, upload.name);
  const scan = await inspect(deps, upload, path);
  const storageKey = `objects/${sha256.slice(0, 2)}/${sha256}.${upload.id}`;
  await query(deps.orm.em.fork() as Em, 'update uploads set storage_key = $2 where id = $1', [upload.id, storageKey]);
  strike('hashed');
  await deps.storage.put(storageKey, path);
  return { objectId: upload.id, storageKey, sha256, size: upload.size, type, kind, scan };
}

async function inspect({ scanner, log }: IngestDeps, upload: UploadRow, path: string): Promise<Stored['scan']> {
  const verdict = await scanner?.scan(path);
  if (verdict === 'infected') {
    log.warn(
      { uploadId: upload.id, userId: upload.user_id, roomId: upload.room_id },
      'malware was uploaded and refused',
    );
    throw new Failure('unsupported', 'The malware scanner objects to this file. It was not kept.');
  }
  return verdict === 'clean' ? 'clean' : 'unscanned';
}

async function commit({ transact, ownsRoom, intake }: IngestDeps, upload: UploadRow, stored: Stored): Promise<Dropped> {
  const { room_id: roomId, file_id: fileId, name, size } = upload;
  const command = { id: upload.command_id, verb: 'post /uploads', input: { roomId, fileId, name, size } };
  const { answer } = await intake.changes.inTurn(roomId, () =>
    transact.command(
      { id: upload.user_id },
      command,
      (tx) => dropFile(tx, upload, stored, ownsRoom),
      ({ result, events }) => ({ status: 204, answer: { ...result, seq: events[0]?.seq ?? 0 } }),
    ),
  );
  return answer;
}

/** Takes away what an upload that became nothing has left in the staging folder and in the store. */
export async function discard({ orm, storage, staging }: IngestDeps, uploadId: string): Promise<void> {
  const em = orm.em.fork() as Em;
  const upload = await findUpload(em, uploadId);
  if (upload?.status === 'refused' || upload?.status === 'ended') {
    if (upload.storage_key !== null) await storage.remove(upload.storage_key);
    await query(em, 'update uploads set storage_key = null where id = $1', [uploadId]);
  }
  if (upload?.status !== 'open') await removeStaged(staging, uploadId);
}
