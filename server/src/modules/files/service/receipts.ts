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
/** Of somebody who asks for thousands of scattered pieces, those that no longer fit are not remembered. */
const maxPieces = 1_000;

/**
 * Notes that somebody got these bytes: one receipt for a reader and a version, which counts his downloads of 24 hours. What
 * begins in them and goes on is in it, too. Nobody gets one for his own.
 */
export async function recordDownload(tx: Tx, version: DownloadedVersion, reader: Reader, sent: Sent): Promise<void> {
  const userId = 'userId' in reader ? reader.userId : null;
  const shareLinkId = 'shareLinkId' in reader ? reader.shareLinkId : null;
  const { fileId, version: number, size } = version;
  const [noted] = await tx.query<{ isNew: boolean }>(
    `insert into download_receipts as known
       (id, file_id, version, user_id, share_link_id, day, at, last_at, covered, complete, downloads)
     select $1, v.file_id, v.version, $4, $5,
       coalesce((select r.day from download_receipts r
                 where r.file_id = $2 and r.version = $3 and coalesce(r.user_id, r.share_link_id) = coalesce($4::uuid, $5::uuid)
                   and (r.at > $6::timestamptz - interval '24 hours' or r.last_at > $6::timestamptz - $10::interval)
                 order by r.at desc limit 1), ($6::timestamptz at time zone 'UTC')::date), $6, $6,
       int8multirange(int8range($7, $8)), int8range($7, $8) @> int8range(0, $9), 1
     from file_versions v where v.file_id = $2 and v.version = $3 and v.created_by is distinct from $4
     on conflict (file_id, version, coalesce(user_id, share_link_id), day) do update set
       last_at = greatest(known.last_at, excluded.last_at),
       covered = case when known.complete or (select count(*) from unnest(known.covered)) >= $12 then known.covered
                      else known.covered + excluded.covered end,
       complete = known.complete or known.covered + excluded.covered @> int8range(0, $9),
       downloads = known.downloads + case
         when known.last_at > excluded.last_at - $10::interval and ($11 or not known.complete) then 0 else 1 end
     returning old.downloads is distinct from new.downloads as "isNew"`,
    [
      newId(),
      ...[fileId, number, userId, shareLinkId, tx.now, sent.start, sent.end, size, sameDownload, sent.isRange],
      maxPieces,
    ],
  );
  if (shareLinkId !== null && noted?.isNew)
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
    `select r.id, r.version, r.user_id, r.share_link_id, r.at, r.last_at, r.downloads, r.complete
     from download_receipts r where r.file_id = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3`,
    [fileId, cursor === undefined ? null : readCursor(cursor), limit + 1],
  );
  const shown = rows.slice(0, limit);
  return { items: shown.map(presentReceipt), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
