import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { PreviewState } from '@safesend/shared/files/file.ts';
import { isImageType, isSourceType, type Imaging, type Picture } from '../../../kernel/ports/imaging.ts';
import type { Storage } from '../../../kernel/ports/storage.ts';
import { seatChannel, type Io } from '../../../kernel/channels.ts';
import { query, queryOne, sqlState, type Em } from '../../../kernel/sql.ts';
import { seenBy, type ReadableVersion } from '../access.ts';

export type Variant = 'thumbnail' | 'view';
const variants: Readonly<Record<Variant, number>> = { thumbnail: 320, view: 1_600 };
/** What an image may weigh to be looked at, and what a document may. */
const maxImageBytes = 100 * 1024 ** 2;
const maxDocumentBytes = 60 * 1024 ** 2;

export interface PreviewDeps {
  readonly orm: MikroORM;
  readonly storage: Storage;
  readonly imaging: Imaging;
  readonly io: Io;
}

/** Will there be a picture of these bytes? Whatever else can be shown is shown from the bytes themselves. */
export function hasPreview({ type, size }: { readonly type: string; readonly size: number }): boolean {
  return isSourceType(type) && size > 0 && size <= (isImageType(type) ? maxImageBytes : maxDocumentBytes);
}

export interface PreviewRow {
  readonly preview_status: 'ready' | 'none' | null;
  readonly preview_width: number | null;
  readonly preview_height: number | null;
}

/** To be joined to `file_versions v`. */
export const previewColumns = 'p.status as preview_status, p.width as preview_width, p.height as preview_height';
export const joinPreview = `left join file_previews p on p.object_id = v.object_id and p.variant = 'view'`;

export function presentPreview(
  row: PreviewRow & { readonly version: number; readonly type: string; readonly size: number },
): PreviewState {
  const { version, preview_status: known, preview_width: width, preview_height: height } = row;
  return { version, status: known ?? (hasPreview(row) ? 'pending' : 'none'), width, height };
}

export interface StoredPreview {
  readonly storageKey: string;
  readonly size: number;
}

/** Null while it is being made and where there is none. Whoever asks was let in before. */
export async function findPreview(
  em: Em,
  { objectId }: ReadableVersion,
  variant: Variant,
): Promise<StoredPreview | null> {
  return queryOne<StoredPreview>(
    em,
    `select storage_key as "storageKey", size::float8 as size from file_previews
     where object_id = $1 and variant = $2 and status = 'ready'`,
    [objectId, variant],
  );
}

export const previewKeys = (objectId: string): string[] =>
  Object.keys(variants).map((variant) => keyOf(objectId, variant));

function keyOf(objectId: string, variant: string): string {
  return `previews/${objectId.slice(-2)}/${objectId}.${variant}.webp`;
}

const caughtUpAtOnce = 20;

/** What should have a picture by now and has none: its job was lost, or it came before its kind had pictures. */
export async function catchUp(deps: PreviewDeps): Promise<void> {
  const waiting = await query<{ id: string; type: string; size: number }>(
    deps.orm.em.fork(),
    `select o.id, o.type, o.size::float8 as size from file_objects o
     where (o.type like 'image/%' or o.type = 'application/pdf') and o.created_at < product_now() - interval '10 minutes'
       and o.damaged_at is null and not exists (select from file_previews p where p.object_id = o.id)
     order by o.created_at desc limit 1000`,
  );
  for (const { id } of waiting.filter(hasPreview).slice(0, caughtUpAtOnce)) await makePreview(deps, id);
}

/** Makes the pictures of an object, or notes that there are none. Done again, it changes nothing. */
export async function makePreview(deps: PreviewDeps, objectId: string): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const object = await queryOne<{ storage_key: string; type: string; size: number }>(
    em,
    `select storage_key, type, size::float8 as size from file_objects o
     where id = $1 and not exists (select from file_previews p where p.object_id = o.id)`,
    [objectId],
  );
  if (!object) return;
  const folder = await mkdtemp(join(tmpdir(), 'safesend-preview-'));
  try {
    const pictures = hasPreview(object) ? await render(deps, object, folder) : null;
    for (const variant of pictures ? Object.keys(variants) : [])
      await deps.storage.put(keyOf(objectId, variant), join(folder, variant));
    await keep(deps, em, objectId, pictures);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await tell(deps, em, objectId);
}

async function render(
  { storage, imaging }: PreviewDeps,
  { storage_key: key, type }: { readonly storage_key: string; readonly type: string },
  folder: string,
): Promise<Picture[] | null> {
  if (!isSourceType(type)) return null;
  const source = join(folder, 'source');
  await pipeline(await storage.read(key), createWriteStream(source));
  const targets = Object.entries(variants).map(([variant, pixels]) => ({ path: join(folder, variant), pixels }));
  return imaging.render(source, type, targets);
}

async function keep({ storage }: PreviewDeps, em: Em, objectId: string, pictures: Picture[] | null): Promise<void> {
  const rows = Object.keys(variants).map((variant, at) => {
    const { width = null, height = null, size = null } = pictures?.[at] ?? {};
    return pictures
      ? { object_id: objectId, variant, status: 'ready', storage_key: keyOf(objectId, variant), width, height, size }
      : { object_id: objectId, variant, status: 'none' };
  });
  try {
    await query(
      em,
      `insert into file_previews (object_id, variant, status, storage_key, type, size, width, height, made_at)
       select object_id, variant, status, storage_key, case when status = 'ready' then 'image/webp' end, size, width, height,
         product_now()
       from jsonb_to_recordset($1::jsonb) as r(object_id uuid, variant text, status text, storage_key text, size bigint,
         width integer, height integer) on conflict do nothing`,
      [JSON.stringify(rows)],
    );
  } catch (error) {
    // Its bytes were swept meanwhile.
    if (sqlState(error) !== '23503') throw error;
    for (const key of previewKeys(objectId)) await storage.remove(key);
  }
}

/** Open rooms show it at once, and need not ask. Goes to those who may see the version now. */
async function tell({ io }: PreviewDeps, em: Em, objectId: string): Promise<void> {
  const seen = await query<
    PreviewRow & { room_id: string; file_id: string; version: number; type: string; size: number; user_ids: string[] }
  >(
    em,
    `select f.room_id, v.file_id, v.version, v.type, v.size::float8 as size, ${previewColumns},
       array(select m.user_id::text from memberships m where m.room_id = f.room_id and m.until_seq is null
             and ${seenBy('m.user_id', 'f.room_id', 'v.seq')}) as user_ids
     from file_versions v join files f on f.id = v.file_id ${joinPreview}
     where v.object_id = $1 and f.removed_at is null`,
    [objectId],
  );
  for (const { room_id: roomId, file_id: fileId, user_ids: userIds, ...row } of seen) {
    if (userIds.length === 0) continue;
    const channels = userIds.map((it) => seatChannel(roomId, it));
    io.to(channels).emit('room.preview', { roomId, fileId, preview: presentPreview(row) });
  }
}
