import type { DownloadReceipt } from '@safesend/shared/files/file.ts';
import { newId } from '@safesend/shared/ids.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireOwnFile, type OwnsRoom, type ReadableVersion } from '../access.ts';
import { presentReceipt, type ReceiptRow } from '../present.ts';
import { readCursor } from './reading.ts';

/** Bytes from `start` up to `end`, which is not among them, left for somebody. */
export interface Sent {
  readonly start: number;
  readonly end: number;
  /** Only a part was asked for. */
  readonly isRange: boolean;
}

/** A person, or a link that was opened by whoever has it. */
export type Reader = { readonly userId: string } | { readonly shareLinkId: string };

/** Requests that follow each other within this are one download that was cut, or is fetched in pieces. */
const sameDownload = '30 minutes';

/** Notes that somebody got these bytes. Many ranges make one receipt, and nobody gets one for his own. */
export async function recordDownload(tx: Tx, version: DownloadedVersion, reader: Reader, sent: Sent): Promise<void> {
  const userId = 'userId' in reader ? reader.userId : null;
  const shareLinkId = 'shareLinkId' in reader ? reader.shareLinkId : null;
  const { fileId, version: number, size } = version;
  // Pieces that end at the same moment must find each other.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `${fileId} ${number} ${userId ?? shareLinkId}`,
  ]);
  const joined = await tx.query(
    `update download_receipts set last_at = $5, covered = covered + int8multirange(int8range($6, $7)),
       complete = covered + int8multirange(int8range($6, $7)) @> int8range(0, $8)
     where id = (select id from download_receipts where file_id = $1 and version = $2
                   and (user_id = $3 or share_link_id = $4) order by id desc limit 1)
       and last_at > $5::timestamptz - $9::interval and ($10 or not complete) returning 1 as one`,
    [fileId, number, userId, shareLinkId, tx.now, sent.start, sent.end, size, sameDownload, sent.isRange],
  );
  if (joined.length > 0) return;
  const inserted = await tx.query(
    `insert into download_receipts (id, file_id, version, user_id, share_link_id, at, last_at, covered, complete)
     select $1, v.file_id, v.version, $4, $5, $6, $6, int8multirange(int8range($7, $8)), int8range($7, $8) @> int8range(0, $9)
     from file_versions v where v.file_id = $2 and v.version = $3 and v.created_by is distinct from $4 returning 1 as one`,
    [newId(), fileId, number, userId, shareLinkId, tx.now, sent.start, sent.end, size],
  );
  if (shareLinkId !== null && inserted.length > 0)
    await tx.query('update share_links set downloads = downloads + 1 where id = $1', [shareLinkId]);
}

export type DownloadedVersion = Pick<ReadableVersion, 'fileId' | 'version' | 'size'>;

interface Page {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Who got a file, the newest first, for who may change it. */
export async function findReceipts(
  em: Em,
  userId: string,
  fileId: string,
  { limit = 50, cursor }: Page,
  ownsRoom: OwnsRoom,
): Promise<{ items: DownloadReceipt[]; nextCursor: string | null }> {
  await requireOwnFile(em, userId, fileId, ownsRoom);
  const rows = await query<ReceiptRow>(
    em,
    `select r.id, r.version, r.user_id, r.share_link_id, r.at, r.complete
     from download_receipts r where r.file_id = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3`,
    [fileId, cursor === undefined ? null : readCursor(cursor), limit + 1],
  );
  const shown = rows.slice(0, limit);
  return { items: shown.map(presentReceipt), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
