import { Failure } from '@safesend/shared/failure.ts';
import { commandId as commandIdShape, id as idShape, newId } from '@safesend/shared/ids.ts';
import { sha256 } from '@safesend/shared/files/file.ts';
import { fileNameOf, maxOpenUploads, programExtensionOf, uploadHours } from '@safesend/shared/files/limits.ts';
import { z } from 'zod';
import { invalidFrom } from '../../../kernel/problem.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';
import { accessTalk } from '../../rooms/access.ts';
import { accessOwnFile, type OwnsRoom } from '../access.ts';
import { giveBack, reserve, type FileLimits } from './usage.ts';

/** What tus carries beside the bytes. */
export const uploadMetadata = z.strictObject({
  roomId: idShape,
  filename: z.string().min(1).max(4_096),
  commandId: commandIdShape.optional(),
  /** Makes this a new version of that file. */
  fileId: idShape.optional(),
  /** Checked against what arrived, when the sender knows it. */
  sha256: sha256.optional(),
  /** Many clients send the type they believe in; the content decides. */
  filetype: z.string().max(255).nullish(),
  relativePath: z.string().max(4_096).nullish(),
});

export interface UploadRow {
  readonly id: string;
  readonly user_id: string;
  readonly command_id: string;
  readonly room_id: string;
  readonly file_id: string | null;
  readonly name: string;
  readonly size: number;
  readonly sha256: string | null;
  readonly status: 'open' | 'done' | 'refused' | 'ended';
  readonly reason: string | null;
  readonly result_file_id: string | null;
  readonly result_version: number | null;
  readonly result_seq: number | null;
  readonly storage_key: string | null;
  readonly expires_at: Date;
}

const columns = `id, user_id, command_id, room_id, file_id, name, size::float8 as size, sha256, status, reason, result_file_id,
  result_version, result_seq::float8 as result_seq, storage_key, expires_at`;

export async function findUpload(em: Em, uploadId: string): Promise<UploadRow | null> {
  return queryOne<UploadRow>(em, `select ${columns} from uploads where id = $1`, [uploadId]);
}

export interface Opening {
  readonly metadata: unknown;
  readonly size: number;
}

/** Opens an upload, or finds the one its command id opened before. Room is taken from the quota here. */
export async function openUpload(
  tx: Tx,
  { metadata, size }: Opening,
  limits: FileLimits,
  ownsRoom: OwnsRoom,
): Promise<UploadRow> {
  const parsed = uploadMetadata.safeParse(metadata);
  if (!parsed.success) throw invalidFrom(parsed.error.issues);
  const { roomId, fileId, commandId } = parsed.data;
  const name = fileNameOf(parsed.data.filename);
  const wanted = { roomId, fileId: fileId ?? null, name, size, sha256: parsed.data.sha256 ?? null };
  await accessTalk(tx, roomId);
  const known = commandId === undefined ? null : await findAgain(tx, commandId, wanted);
  if (known) return known;
  await refuse(tx, wanted, limits, ownsRoom);
  await reserve(tx.em, limits, { userId: tx.me, roomId, size });
  const uploadId = newId();
  const expiresAt = new Date(tx.now.getTime() + uploadHours * 3_600_000);
  const [opened] = await tx.query<UploadRow>(
    `insert into uploads (id, user_id, command_id, room_id, file_id, name, size, sha256, status, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10) on conflict (user_id, command_id) do nothing returning ${columns}`,
    [uploadId, tx.me, commandId ?? uploadId, roomId, wanted.fileId, name, size, wanted.sha256, tx.now, expiresAt],
  );
  // Somebody with the same command id was faster; asked again, he is found.
  if (!opened) throw new Failure('unavailable', 'This upload is being opened. Try again.', { retryAfterSeconds: 1 });
  return opened;
}

type Wanted = Pick<UploadRow, 'name' | 'size' | 'sha256'> & { readonly roomId: string; readonly fileId: string | null };

/** The same command resumes; the same id for something else is a conflict. */
async function findAgain(tx: Tx, commandId: string, wanted: Wanted): Promise<UploadRow | null> {
  const known = await queryOne<UploadRow>(
    tx.em,
    `select ${columns} from uploads where user_id = $1 and command_id = $2`,
    [tx.me, commandId],
  );
  const isSame =
    known?.room_id === wanted.roomId &&
    known.file_id === wanted.fileId &&
    known.name === wanted.name &&
    known.size === wanted.size &&
    known.sha256 === wanted.sha256;
  if (isSame) return known;
  const spent =
    known ??
    (await queryOne(tx.em, 'select 1 as one from commands where actor_id = $1 and command_id = $2', [
      tx.me,
      commandId,
    ]));
  if (spent) throw new Failure('conflict', 'This command id was used for something else.');
  return null;
}

async function refuse(tx: Tx, { roomId, fileId, name, size }: Wanted, limits: FileLimits, ownsRoom: OwnsRoom) {
  const program = programExtensionOf(name);
  if (program !== null)
    throw new Failure('unsupported', `Files that end in .${program} are not accepted. Pack it into an archive.`);
  if (size > limits.maxFileBytes) {
    throw new Failure('too_large', `A file has at most ${limits.maxFileBytes} bytes here; this one has ${size}.`);
  }
  if (fileId !== null) {
    const file = await accessOwnFile(tx, fileId, ownsRoom);
    if (file.roomId !== roomId) throw new Failure('missing', 'No such file.');
    file.requirePresent();
  }
  const [open] = await tx.query<{ n: number }>(
    `select count(*)::int as n from uploads where user_id = $1 and status = 'open'`,
    [tx.me],
  );
  if ((open?.n ?? 0) >= maxOpenUploads) {
    throw new Failure('throttled', `At most ${maxOpenUploads} uploads at once. Finish or cancel some.`, {
      retryAfterSeconds: 30,
    });
  }
}

/** An upload that becomes nothing: its room goes back, exactly once. */
export async function closeUpload(
  transact: Transact,
  uploadId: string,
  outcome: { readonly status: 'refused'; readonly reason: string } | { readonly status: 'ended' },
): Promise<void> {
  const reason = outcome.status === 'refused' ? outcome.reason : null;
  await transact({ id: null }, async (tx) => {
    const [closed] = await tx.query<UploadRow>(
      `update uploads set status = $2, reason = $3 where id = $1 and status = 'open' returning ${columns}`,
      [uploadId, outcome.status, reason],
    );
    if (!closed) return;
    const amount = { bytes: closed.size, files: 1 };
    await giveBack(
      tx.em,
      new Map([
        [closed.user_id, amount],
        [closed.room_id, amount],
      ]),
    );
  });
}

export async function findExpired(em: Em): Promise<string[]> {
  const rows = await query<{ id: string }>(
    em,
    `select id from uploads where status = 'open' and expires_at <= product_now() order by expires_at limit 500`,
  );
  return rows.map(({ id }) => id);
}
