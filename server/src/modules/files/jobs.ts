import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Gauge, type Registry } from 'prom-client';
import { id as idShape } from '@safesend/shared/ids.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { isWithout } from '../../kernel/faults.ts';
import type { JobHandlers } from '../../kernel/jobs.ts';
import type { Storage } from '../../kernel/ports/storage.ts';
import type { Round } from '../../kernel/rounds.ts';
import { query, type Em } from '../../kernel/sql.ts';
import { sweepAvatars } from './service/avatars.ts';
import { findCondition, verifyEveryDays } from './service/condition.ts';
import { discard, finishUpload, type IngestDeps } from './service/ingest.ts';
import type { Intake } from './service/intake.ts';
import { catchUp, makePreview, previewKeys, type PreviewDeps } from './service/previews.ts';
import { stagedPath, uploadOf } from './service/staged.ts';
import { closeUpload, findExpired, findUpload } from './service/uploads.ts';

/** What nobody's request does: finish, end, sweep, and look whether the bytes are still those that were dropped. */
export function fileRounds(deps: IngestDeps, pictures: PreviewDeps, registry: Registry): Round[] {
  return [
    { name: 'uploads.finish', everySeconds: 10, run: () => finishComplete(deps) },
    { name: 'uploads.end', everySeconds: 60, run: () => endExpired(deps) },
    { name: 'files.sweep', everySeconds: 60, run: () => sweep(deps) },
    { name: 'avatars.sweep', everySeconds: 3_600, run: () => sweepAvatars(deps.storage, deps.orm.em.fork()) },
    { name: 'previews.catchUp', everySeconds: 600, run: () => catchUp(pictures) },
    { name: 'files.verify', everySeconds: 600, run: () => verify(deps) },
    { name: 'files.condition', everySeconds: 300, run: reporting(deps, registry) },
  ];
}

/** An alarm is a number that is not zero. */
function reporting({ orm }: IngestDeps, registry: Registry): () => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const damaged = gauge('safesend_files_damaged', 'Stored objects whose bytes are not those that were dropped.');
  const overdue = gauge('safesend_files_unverified', 'Stored objects not compared with their hash for over a week.');
  return async () => {
    const condition = await findCondition(orm.em.fork());
    damaged.set(condition.damaged);
    overdue.set(condition.overdue);
  };
}

export function fileJobs(deps: PreviewDeps): Pick<JobHandlers, 'preview.make'> {
  return { 'preview.make': ({ objectId }) => makePreview(deps, objectId) };
}

/** Uploads whose last byte arrived in a process that died, or whose scanner or store was away. */
export async function finishComplete(deps: IngestDeps): Promise<void> {
  if (isWithout('upload-round')) return;
  const waiting = await query<{ id: string; size: number }>(
    deps.orm.em.fork(),
    `select id, size::float8 as size from uploads
     where status = 'open' and (holder is null or held_until < clock_timestamp()) order by created_at limit 1000`,
  );
  for (const { id, size } of waiting) {
    const staged = await stat(stagedPath(deps.staging, id)).catch(() => null);
    if (staged?.size !== size) continue;
    await finishUpload(deps, id).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    });
  }
}

export async function endExpired(deps: IngestDeps): Promise<void> {
  for (const id of await findExpired(deps.orm.em.fork())) {
    const lease = await deps.leases.hold(id, () => undefined);
    await closeUpload(deps.transact, id, { status: 'ended' }).finally(() => lease.giveBack());
    await discard(deps, id);
  }
}

/** Removes bytes nobody can reach any more: of uploads that became nothing, and of files that were removed. */
export async function sweep(deps: IngestDeps): Promise<void> {
  await sweepStaging(deps);
  const em = deps.orm.em.fork() as Em;
  const dead = await query<{ id: string }>(
    em,
    `select id from uploads where status in ('refused', 'ended') and storage_key is not null limit 500`,
  );
  for (const { id } of dead) await discard(deps, id);
  await sweepObjects(deps, em);
}

async function sweepStaging(deps: IngestDeps): Promise<void> {
  for (const name of await readdir(deps.staging)) {
    const uploadId = uploadOf(name);
    if (!idShape.safeParse(uploadId).success) continue;
    const upload = await findUpload(deps.orm.em.fork(), uploadId ?? '');
    if (upload) await discard(deps, upload.id);
    // Of an upload this database has never heard of, from before a restore for instance.
    else await rm(join(deps.staging, name), { force: true });
  }
}

/** The bytes of a removed file stay for a while: a backup that began before the removal still copies them. */
const keptHours = 24;

/** First the bytes, then the row: whoever dies in between does it again. */
async function sweepObjects({ storage }: IngestDeps, em: Em): Promise<void> {
  const unreachable = await query<{ id: string; key: string }>(
    em,
    `select o.id, o.storage_key as key from file_objects o
     where not exists (select from file_versions v join files f on f.id = v.file_id
                       where v.object_id = o.id
                         and (f.removed_at is null or f.removed_at > product_now() - make_interval(hours => $1))) limit 500`,
    [keptHours],
  );
  for (const { id, key } of unreachable) {
    for (const each of [key, ...previewKeys(id)]) await storage.remove(each);
    await query(em, 'delete from file_objects where id = $1', [id]);
  }
}

/** Reads the bytes that were not looked at for a week; what has changed is served no more, and said. */
export async function verify({ orm, storage, log, intake }: IngestDeps): Promise<void> {
  const em = orm.em.fork() as Em;
  const due = await query<{ id: string; storage_key: string; sha256: string }>(
    em,
    `select id, storage_key, sha256 from file_objects
     where verified_at <= product_now() - make_interval(days => $1) order by verified_at limit 200`,
    [verifyEveryDays],
  );
  for (const { id, storage_key: key, sha256 } of due) {
    const intact = (await storage.size(key)) !== null && (await hashStored(storage, intake, key)) === sha256;
    if (!intact) log.error({ objectId: id, key }, 'the bytes of a file are not those that were dropped');
    await query(
      em,
      `update file_objects set verified_at = product_now(),
         damaged_at = case when $2 then null else coalesce(damaged_at, product_now()) end where id = $1`,
      [id, intact],
    );
  }
}

async function hashStored(storage: Storage, { pieces }: Intake, key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of (await storage.read(key)) as AsyncIterable<Buffer>)
    await pieces.inTurn('verifying', async () => hash.update(chunk));
  return hash.digest('hex');
}
