import { Failure } from '@safesend/shared/failure.ts';
import { commandId as commandIdShape, id as idShape, newId } from '@safesend/shared/ids.ts';
import { sha256 } from '@safesend/shared/files/file.ts';
import { maxOpenUploads, programExtensionOf, uploadHours } from '@safesend/shared/files/limits.ts';
import { filePathOf, lastNameOf } from '@safesend/shared/files/path.ts';
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
  /** Where it lay in the folder it came with, its name at the end. */
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

/** An upload, while it is held under this token. */
export async function findHeldUpload(em: Em, uploadId: string, token: string): Promise<UploadRow | null> {
  return queryOne<UploadRow>(em, `select ${columns} from uploads where id = $1 and holder = $2`, [uploadId, token]);
}

/** An upload of this person's, while he is in its room. */
export async function findOwnUpload(em: Em, userId: string, uploadId: string): Promise<UploadRow | null> {
  return queryOne<UploadRow>(
    em,
    `select ${columns} from uploads u where id = $1 and user_id = $2
       and exists (select from memberships m where m.room_id = u.room_id and m.user_id = $2 and m.until_seq is null)`,
    [uploadId, userId],
  );
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
  const name = nameOf(parsed.data);
  const wanted = { roomId, fileId: fileId ?? null, name, size, sha256: parsed.data.sha256 ?? null };
  await accessTalk(tx, roomId);
  const { known, isSpent, openCount } = await findStanding(tx, commandId ?? null);
  if (known && isSame(known, wanted)) return known;
  if (known || isSpent) throw new Failure('conflict', 'This command id was used for something else.');
  await refuse(tx, wanted, limits, ownsRoom);
  if (openCount >= maxOpenUploads) {
    throw new Failure('throttled', `At most ${maxOpenUploads} uploads at once. Finish or cancel some.`, {
      retryAfterSeconds: 30,
    });
  }
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

/** A folder that was sent with a file stands before its name. Many clients send one for every file: the word for none, too. */
function nameOf({ filename, relativePath }: z.infer<typeof uploadMetadata>): string {
  const name = lastNameOf(filePathOf(filename));
  const path = filePathOf(relativePath ?? '');
  return lastNameOf(path) === name ? path : name;
}

type Wanted = Pick<UploadRow, 'name' | 'size' | 'sha256'> & { readonly roomId: string; readonly fileId: string | null };

interface Standing {
  /** The same command resumes; the same id for something else is a conflict. */
  readonly known: UploadRow | null;
  readonly isSpent: boolean;
  readonly openCount: number;
}

/** What a command id was used for, and how many uploads the person has beside it: asked together, for each upload asks it. */
async function findStanding(tx: Tx, commandId: string | null): Promise<Standing> {
  const [row] = await tx.query<UploadRow & { is_spent: boolean; open_count: number }>(
    `select ${columns}, exists (select from commands where actor_id = $1 and command_id = $2) as is_spent,
       (select count(*)::int from uploads o where o.user_id = $1 and o.status = 'open') as open_count
     from (values (1)) as one (one) left join uploads on user_id = $1 and command_id = $2`,
    [tx.me, commandId],
  );
  if (!row) throw new Error('a question that always has an answer');
  return { known: (row.id as string | null) === null ? null : row, isSpent: row.is_spent, openCount: row.open_count };
}

function isSame(known: UploadRow, wanted: Wanted): boolean {
  return (
    known.room_id === wanted.roomId &&
    known.file_id === wanted.fileId &&
    known.name === wanted.name &&
    known.size === wanted.size &&
    known.sha256 === wanted.sha256
  );
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
