import type { InputOf } from '@safesend/shared/call.ts';
import { getContent, getFilesArchive, getPreview, getRoomArchive } from '@safesend/shared/files/calls.ts';
import { addressOf } from '#lib/api/send.ts';

/** Where a browser fetches the bytes of a version itself: a download, a film. */
export function contentHref(fileId: string, version: number): string {
  return addressOf(getContent, { params: { fileId, version } });
}

export function previewHref(fileId: string, version: number, variant: 'thumbnail' | 'view'): string {
  return addressOf(getPreview, { params: { fileId, version }, query: { variant } });
}

/** Every file of a room in its newest version, as one ZIP. */
export function archiveHref(roomId: string): string {
  return addressOf(getRoomArchive, { params: { roomId } });
}

/** What a filter finds, in newest versions, as one ZIP. */
export function filesArchiveHref(query: InputOf<(typeof getFilesArchive)['query']>): string {
  return addressOf(getFilesArchive, { query });
}
