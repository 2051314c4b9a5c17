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
    const id = newId();
    await makePictures(deps, id, source, sent.type);
    return await keepAvatar(deps, userId, id);
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

async function makePictures({ storage, imaging }: AvatarDeps, id: string, source: string, said: string): Promise<void> {
  const { type } = await sniff(source, said === 'image/svg+xml' ? 'avatar.svg' : 'avatar');
  if (!isImageType(type)) throw new Failure('unsupported', 'Send a picture: PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG.');
  const entries = Object.entries(sizes);
  const targets = entries.map(([name, pixels]) => ({ path: `${source}.${name}`, pixels, square: true }));
  const pictures = await imaging.render(source, type, targets);
  if (!pictures) throw new Failure('invalid', 'This picture cannot be read, or has too many pixels.');
  for (const [name] of entries) await storage.put(`${prefixOf(id)}.${name}.webp`, `${source}.${name}`);
}

function prefixOf(id: string): string {
  return `avatars/${id.slice(-2)}/${id}`;
}

async function keepAvatar({ transact, storage }: AvatarDeps, userId: string, id: string): Promise<User> {
  const { result } = await transact({ id: userId }, async (tx) => {
    const before = await forget(tx);
    await tx.query(`insert into avatars (user_id, id, storage_prefix, created_at) values ($1, $2, $3, $4)`, [
      tx.me,
      id,
      prefixOf(id),
      tx.now,
    ]);
    return { account: await showAvatar(tx, id), before };
  });
  await removePictures(storage, result.before);
  return presentUser(result.account);
}

export async function removeAvatar({ transact, storage }: Omit<AvatarDeps, 'imaging'>, userId: string): Promise<void> {
  const { result } = await transact({ id: userId }, async (tx) => {
    const before = await forget(tx);
    if (before !== null) await showAvatar(tx, null);
    return before;
  });
  await removePictures(storage, result);
}

/** Where the pictures lie that go. */
async function forget(tx: Tx): Promise<string | null> {
  const [row] = await tx.query<{ prefix: string }>(
    'delete from avatars where user_id = $1 returning storage_prefix as prefix',
    [tx.me],
  );
  return row?.prefix ?? null;
}

/** A store that is away keeps two small pictures that nobody can name any more; the sweeping round finds them. */
async function removePictures(storage: Storage, prefix: string | null): Promise<void> {
  if (prefix === null) return;
  for (const name of Object.keys(sizes)) await storage.remove(`${prefix}.${name}.webp`).catch(() => undefined);
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

const keptAvatar = `select 1 as one from avatars where id = $1
  union all select 1 where uuid_extract_timestamp($1::uuid) > clock_timestamp() - interval '1 hour'`;

/** Pictures whose person has another one by now. What is an hour young may be on its way in. */
export async function sweepAvatars(storage: Storage, em: Em): Promise<void> {
  for await (const key of storage.list('avatars')) {
    const id = /([0-9a-f-]{36})\.\w+\.webp$/.exec(key)?.[1];
    const [kept] = id === undefined ? [] : await query(em, keptAvatar, [id]);
    if (!kept) await storage.remove(key);
  }
}
