import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { User } from '@safesend/shared/accounts/user.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { maxAvatarBytes } from '@safesend/shared/files/limits.ts';
import { newId } from '@safesend/shared/ids.ts';
import { isImageType, type Imaging } from '../../../kernel/ports/imaging.ts';
import type { Storage } from '../../../kernel/ports/storage.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';
import { presentUser } from '../../accounts/present.ts';
import { showAvatar } from '../../accounts/service/profile.ts';
import { sniff } from './sniff.ts';

/** Pixels of each side; both are cut square. */
const sizes = { small: 96, large: 384 } as const;
export type AvatarSize = keyof typeof sizes;

export interface AvatarDeps {
  readonly transact: Transact;
  readonly storage: Storage;
  readonly imaging: Imaging;
}

/** Takes any image and keeps two pictures of it that we made; of what was sent, nothing. */
export async function setAvatar(
  deps: AvatarDeps,
  userId: string,
  sent: { readonly body: ReadableStream | null; readonly type: string },
): Promise<User> {
  const folder = await mkdtemp(join(tmpdir(), 'safesend-avatar-'));
  try {
    const source = join(folder, 'source');
    await pipeline(
      sent.body ? Readable.fromWeb(sent.body as never) : Readable.from([]),
      limited(),
      createWriteStream(source),
    );
    const avatar = { id: newId(), pictures: await makePictures(deps, source, sent.type) };
    return await keepAvatar(deps, userId, avatar);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function limited(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, pass) {
      bytes += chunk.length;
      if (bytes > maxAvatarBytes)
        pass(new Failure('too_large', `A picture of you is at most ${maxAvatarBytes} bytes.`));
      else pass(null, chunk);
    },
  });
}

async function makePictures({ imaging }: AvatarDeps, source: string, said: string): Promise<NamedPicture[]> {
  const { type } = await sniff(source, said === 'image/svg+xml' ? 'avatar.svg' : 'avatar');
  if (!isImageType(type)) throw new Failure('unsupported', 'Send a picture: PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG.');
  const made = Object.entries(sizes).map(([name, pixels]) => ({
    name,
    path: `${source}.${name}`,
    pixels,
    square: true,
  }));
  if (!(await imaging.render(source, type, made)))
    throw new Failure('invalid', 'This picture cannot be read, or has too many pixels.');
  return made;
}

interface NamedPicture {
  readonly name: string;
  readonly path: string;
}

function prefixOf(id: string): string {
  return `avatars/${id.slice(-2)}/${id}`;
}

/** Noted as loose before the first byte is stored and until it is somebody's: whatever dies in between is swept. */
async function keepAvatar(
  { transact, storage }: AvatarDeps,
  userId: string,
  { id, pictures }: { readonly id: string; readonly pictures: readonly NamedPicture[] },
): Promise<User> {
  const prefix = prefixOf(id);
  await transact({ id: userId }, (tx) => loosen(tx, prefix));
  for (const { name, path } of pictures) await storage.put(`${prefix}.${name}.webp`, path);
  const { result } = await transact({ id: userId }, async (tx) => {
    const [mine] = await tx.query('delete from loose_pictures where storage_prefix = $1 returning 1 as one', [prefix]);
    if (!mine) throw new Failure('unavailable', 'Keeping this picture took too long. Try again.');
    // Locks the account: of two pictures sent at once, the second waits here.
    const account = await showAvatar(tx, id);
    const before = await forgetAvatar(tx);
    await tx.query(`insert into avatars (user_id, id, storage_prefix, created_at) values ($1, $2, $3, $4)`, [
      tx.me,
      id,
      prefix,
      tx.now,
    ]);
    return { account, before };
  });
  await removeAtOnce(storage, result.before);
  return presentUser(result.account);
}

export async function removeAvatar({ transact, storage }: Omit<AvatarDeps, 'imaging'>, userId: string): Promise<void> {
  const { result } = await transact({ id: userId }, async (tx) => {
    const before = await forgetAvatar(tx);
    if (before !== null) await showAvatar(tx, null);
    return before;
  });
  await removeAtOnce(storage, result);
}

/** Takes somebody's pictures from him; answers where they lie. */
export async function forgetAvatar(tx: Tx): Promise<string | null> {
  const [row] = await tx.query<{ prefix: string }>(
    'delete from avatars where user_id = $1 returning storage_prefix as prefix',
    [tx.me],
  );
  if (row) await loosen(tx, row.prefix);
  return row?.prefix ?? null;
}

async function loosen(tx: Tx, prefix: string): Promise<void> {
  await tx.query('insert into loose_pictures (storage_prefix, since) values ($1, $2)', [prefix, tx.now]);
}

/** While the store is away they stay, and nobody can name them any more: the sweeping round goes on. */
async function removeAtOnce(storage: Storage, prefix: string | null): Promise<void> {
  if (prefix !== null) await removePictures(storage, prefix).catch(() => undefined);
}

async function removePictures(storage: Storage, prefix: string): Promise<void> {
  for (const name of Object.keys(sizes)) await storage.remove(`${prefix}.${name}.webp`);
}

export interface StoredAvatar {
  readonly storageKey: string;
  readonly size: number;
}

/** Who shares a room with somebody sees what he looks like; to everybody else there is nothing. */
export async function findAvatar(
  em: Em,
  storage: Storage,
  { avatarId, userId, variant }: { avatarId: string; userId: string; variant: AvatarSize },
): Promise<StoredAvatar> {
  const row = await queryOne<{ prefix: string }>(
    em,
    `select a.storage_prefix as prefix from avatars a where a.id = $1 and (a.user_id = $2 or exists (
       select from memberships mine join memberships theirs using (room_id)
       where mine.user_id = $2 and mine.until_seq is null and theirs.user_id = a.user_id and theirs.until_seq is null))`,
    [avatarId, userId],
  );
  const storageKey = `${row?.prefix ?? ''}.${variant}.webp`;
  const size = row && (await storage.size(storageKey));
  if (size === null) throw new Failure('missing', 'No such picture.');
  return { storageKey, size };
}

/** What is an hour loose is not on its way in any more. First the bytes, then the row, so that a round may die. */
export async function sweepAvatars(storage: Storage, em: Em): Promise<void> {
  const loose = await query<{ prefix: string }>(
    em,
    `select storage_prefix as prefix from loose_pictures where since < product_now() - interval '1 hour' limit 500`,
  );
  for (const { prefix } of loose) {
    await removePictures(storage, prefix);
    await query(em, 'delete from loose_pictures where storage_prefix = $1', [prefix]);
  }
}
