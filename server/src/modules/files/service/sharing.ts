import { randomBytes } from 'node:crypto';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import type { SharedFile, ShareLink } from '@safesend/shared/files/file.ts';
import { maxShareLinks, shareLinkDays } from '@safesend/shared/files/limits.ts';
import { newId } from '@safesend/shared/ids.ts';
import { sha256 } from '../../../kernel/chain.ts';
import type { RateLimits } from '../../../kernel/rate.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { productNow, type Tx } from '../../../kernel/transact.ts';
import type { Vault } from '../../../kernel/vault.ts';
import { isPassword } from '../../accounts/service/passwords.ts';
import { findPeople } from '../../accounts/service/people.ts';
import { accessOwnFile, mayReadFile, missingFile, requireOwnFile, type OwnsRoom } from '../access.ts';
import type { ReadableVersion } from '../access.ts';
import { presentShareLink, type ShareLinkRow } from '../present.ts';
import { readCursor } from './reading.ts';

const columns = `l.id, l.file_id, l.version, f.name, l.created_by, l.created_at, l.expires_at, l.revoked_at, l.password_hash,
  l.downloads from share_links l join files f on f.id = l.file_id`;

const dayMs = 86_400_000;

export interface NewShareLink {
  readonly version?: number | undefined;
  readonly expiresAt?: string | undefined;
  readonly days?: number | undefined;
  readonly passwordHash: string | null;
}

/** The token is returned this once and kept nowhere. */
export async function createShareLink(
  tx: Tx,
  fileId: string,
  { version, expiresAt, days = 0, passwordHash }: NewShareLink,
  ownsRoom: OwnsRoom,
): Promise<{ shareLink: ShareLink; token: string }> {
  const file = await accessOwnFile(tx, fileId, ownsRoom);
  file.requirePresent();
  const shared = version ?? file.currentVersion;
  if (shared > file.currentVersion) throw refuseField('invalid', 'version', 'There is no such version.');
  await mayReadFile(tx.em, tx.me, fileId, shared);
  const end = new Date(expiresAt ?? tx.now.getTime() + days * dayMs);
  const latest = tx.now.getTime() + shareLinkDays * dayMs;
  if (end <= tx.now || end.getTime() > latest)
    throw refuseField('invalid', 'expiresAt', `Choose a moment within the next ${shareLinkDays} days.`);
  await refuseTooMany(tx, fileId);
  const token = randomBytes(32).toString('base64url');
  const id = newId();
  await tx.query(
    `insert into share_links (id, file_id, version, created_by, token_hash, password_hash, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, fileId, shared, tx.me, sha256(token), passwordHash, tx.now, end],
  );
  const [row] = await tx.query<ShareLinkRow>(`select ${columns} where l.id = $1`, [id]);
  return { shareLink: presentShareLink(row as ShareLinkRow), token };
}

async function refuseTooMany(tx: Tx, fileId: string): Promise<void> {
  const [count] = await tx.query<{ n: number }>(
    'select count(*)::int as n from share_links where file_id = $1 and revoked_at is null and expires_at > $2',
    [fileId, tx.now],
  );
  if ((count?.n ?? 0) >= maxShareLinks)
    throw new Failure('conflict', `A file has at most ${maxShareLinks} links at once. End one first.`);
}

/** The links of a file, the newest first, for those who may make one. */
export async function findShareLinks(
  em: Em,
  userId: string,
  fileId: string,
  { limit = 50, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ownsRoom: OwnsRoom,
): Promise<{ items: ShareLink[]; nextCursor: string | null }> {
  await requireOwnFile(em, userId, fileId, ownsRoom);
  const rows = await query<ShareLinkRow>(
    em,
    `select ${columns} where l.file_id = $1 and ($2::uuid is null or l.id < $2) order by l.id desc limit $3`,
    [fileId, cursor === undefined ? null : readCursor(cursor), limit + 1],
  );
  const shown = rows.slice(0, limit);
  return { items: shown.map(presentShareLink), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

export async function revokeShareLink(tx: Tx, shareLinkId: string, ownsRoom: OwnsRoom): Promise<void> {
  const [link] = await tx.query<{ file_id: string }>('select file_id from share_links where id = $1', [shareLinkId]);
  if (!link) throw missingFile();
  await accessOwnFile(tx, link.file_id, ownsRoom);
  await tx.query('update share_links set revoked_at = coalesce(revoked_at, $2) where id = $1', [shareLinkId, tx.now]);
}

export async function revokeEveryLinkOf(tx: Tx, userId: string): Promise<void> {
  await tx.query('update share_links set revoked_at = $2 where created_by = $1 and revoked_at is null', [
    userId,
    tx.now,
  ]);
}

/** Whoever leaves a room takes his links to its files along; they stay dead when he comes back. */
export async function revokeLinksOf(tx: Tx, roomId: string, userId: string): Promise<void> {
  await tx.query(
    `update share_links l set revoked_at = $3 from files f
     where l.created_by = $2 and l.revoked_at is null and f.id = l.file_id and f.room_id = $1`,
    [roomId, userId, tx.now],
  );
}

interface OpenLink {
  readonly link: ShareLinkRow;
  readonly readable: ReadableVersion;
}

/**
 * A link lends what its maker may read himself: it ends with its time, when it is taken back, when the file goes, and when
 * its maker leaves the room. Nobody learns which of these it was.
 */
async function findOpenLink(em: Em, by: 'token_hash' | 'id', value: string): Promise<OpenLink> {
  const link = await queryOne<ShareLinkRow>(
    em,
    `select ${columns} where l.${by} = $1 and l.revoked_at is null and l.expires_at > product_now()`,
    [value],
  );
  const gone = new Failure('missing', 'This link does not work, or does not work any more.');
  if (!link) throw gone;
  const readable = await mayReadFile(em, link.created_by, link.file_id, link.version).catch((error: unknown) => {
    throw error instanceof Failure ? gone : error;
  });
  return { link, readable };
}

export interface Opened {
  readonly needsPassword: boolean;
  readonly file: SharedFile | null;
  readonly ticket: string | null;
}

const ticketContext = 'share link ticket';
const ticketMs = 3_600_000;

/** What is behind a link; without its password, only that it needs one. */
export async function openShareLink(
  em: Em,
  { token, password }: { readonly token: string; readonly password?: string | undefined },
  vault: Vault,
  limits: RateLimits,
): Promise<Opened> {
  const { link, readable } = await findOpenLink(em, 'token_hash', sha256(token));
  if (link.password_hash !== null) {
    if (password === undefined) return { needsPassword: true, file: null, ticket: null };
    await limits.spend('share.link', link.id);
    if (!(await isPassword(link.password_hash, password)))
      throw refuseField('invalid', 'password', 'This is not the password of this link.');
    await limits.clear('share.link', link.id);
  }
  const { name, type, kind, size, sha256: hash, scan } = readable;
  const sharedBy = (await findPeople(em, [link.created_by])).get(link.created_by)?.displayName ?? '';
  const until = (await productNow(em)).getTime() + ticketMs;
  return {
    needsPassword: link.password_hash !== null,
    file: { name, type, kind, size, sha256: hash, scan, sharedBy, expiresAt: new Date(link.expires_at).toISOString() },
    ticket: vault.seal(JSON.stringify({ id: link.id, until }), ticketContext),
  };
}

/** Asked again before every byte, as for people. */
export async function findShared(
  em: Em,
  ticket: string,
  vault: Vault,
): Promise<{ shareLinkId: string; readable: ReadableVersion }> {
  const { id, until } = readTicket(ticket, vault);
  const { readable } = await findOpenLink(em, 'id', id);
  if ((await productNow(em)).getTime() > until) throw new Failure('missing', 'Open the link again.');
  return { shareLinkId: id, readable };
}

function readTicket(ticket: string, vault: Vault): { id: string; until: number } {
  try {
    const text = vault.open(ticket, ticketContext);
    if (text !== null) return JSON.parse(text) as { id: string; until: number };
  } catch {
    // Whoever makes one up gets what everybody gets who has none.
  }
  throw new Failure('missing', 'Open the link again.');
}
