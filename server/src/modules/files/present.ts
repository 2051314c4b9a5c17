import type {
  DownloadReceipt,
  FileKind,
  FileVersion,
  ListedFile,
  PreviewState,
  RoomFile,
  ShareLink,
} from '@safesend/shared/files/file.ts';
import type { StoredFile } from './entity.ts';

export interface VersionRow {
  version: number;
  type: string;
  kind: FileKind;
  size: number;
  sha256: string;
  scan: 'clean' | 'unscanned';
  created_by: string;
  created_at: Date | string;
  restored_from: number | null;
}

/** A file with its current version, as the readers' SQL selects it. */
export interface FileRow extends VersionRow {
  id: string;
  room_id: string;
  name: string;
  dropped_by: string;
  dropped_at: Date | string;
  removed_at: Date | string | null;
  removed_by: string | null;
  joined_into: string | null;
}

export function presentVersion(row: VersionRow): FileVersion {
  return {
    version: row.version,
    type: row.type,
    kind: row.kind,
    size: row.size,
    sha256: row.sha256,
    scan: row.scan,
    createdBy: row.created_by,
    createdAt: iso(row.created_at),
    restoredFrom: row.restored_from,
  };
}

export function presentFileRow(row: FileRow): RoomFile {
  return {
    id: row.id,
    roomId: row.room_id,
    name: row.name,
    droppedBy: row.dropped_by,
    droppedAt: iso(row.dropped_at),
    current: presentVersion(row),
    removedAt: row.removed_at && iso(row.removed_at),
    removedBy: row.removed_by,
    joinedInto: row.joined_into,
  };
}

export function presentListed(row: FileRow & { room_title: string }, preview: PreviewState): ListedFile {
  return { ...presentFileRow(row), roomTitle: row.room_title, preview };
}

export interface ReceiptRow {
  id: string;
  version: number;
  user_id: string | null;
  share_link_id: string | null;
  at: Date | string;
  last_at: Date | string;
  downloads: number;
  complete: boolean;
}

export function presentReceipt({ id: _id, user_id, share_link_id, at, last_at, ...rest }: ReceiptRow): DownloadReceipt {
  return { ...rest, userId: user_id, shareLinkId: share_link_id, at: iso(at), lastAt: iso(last_at) };
}

export interface ShareLinkRow {
  id: string;
  file_id: string;
  version: number;
  name: string;
  created_by: string;
  created_at: Date | string;
  expires_at: Date | string;
  revoked_at: Date | string | null;
  password_hash: string | null;
  downloads: number;
}

export function presentShareLink(row: ShareLinkRow): ShareLink {
  return {
    id: row.id,
    fileId: row.file_id,
    version: row.version,
    fileName: row.name,
    createdBy: row.created_by,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    revokedAt: row.revoked_at && iso(row.revoked_at),
    hasPassword: row.password_hash !== null,
    downloads: row.downloads,
  };
}

export function presentFile(file: StoredFile, current: FileVersion): RoomFile {
  const { id, roomId, name, droppedBy, droppedAt, removedAt, removedBy, joinedInto } = file;
  return {
    id,
    roomId,
    name,
    droppedBy,
    droppedAt: droppedAt.toISOString(),
    current,
    removedAt: removedAt?.toISOString() ?? null,
    removedBy: removedBy ?? null,
    joinedInto: joinedInto ?? null,
  };
}

function iso(moment: Date | string): string {
  return new Date(moment).toISOString();
}
