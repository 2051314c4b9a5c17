import type { InputOf } from '@safesend/shared/call.ts';
import type { getFilesArchive, listFiles } from '@safesend/shared/files/calls.ts';
import type { FileKind } from '@safesend/shared/files/file.ts';

/** Which files are asked for and how they are shown: it stands in the address and survives reload, back and sharing. */
export interface Filter {
  readonly words: string;
  readonly kind: FileKind | '';
  readonly by: string;
  readonly roomId: string;
  readonly milestoneId: string;
  readonly view: 'list' | 'grid';
}

export const kinds: readonly FileKind[] = ['image', 'video', 'audio', 'pdf', 'text', 'archive', 'other'];
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const pageSize = 48;

export function filterOf(search: URLSearchParams): Filter {
  const idIn = (name: string) => uuid.exec(search.get(name) ?? '')?.[0] ?? '';
  return {
    words: (search.get('q') ?? '').trim().slice(0, 100),
    kind: kinds.find((it) => it === search.get('kind')) ?? '',
    by: idIn('by'),
    roomId: idIn('room'),
    milestoneId: idIn('milestone'),
    view: search.get('view') === 'grid' ? 'grid' : 'list',
  };
}

export function addressOf({ words, kind, by, roomId, milestoneId, view }: Partial<Filter>): string {
  const search = new URLSearchParams();
  if (words) search.set('q', words);
  if (kind) search.set('kind', kind);
  if (by) search.set('by', by);
  if (roomId) search.set('room', roomId);
  if (milestoneId) search.set('milestone', milestoneId);
  if (view === 'grid') search.set('view', view);
  return search.size > 0 ? `/files?${search}` : '/files';
}

/** Finds everything there is: nothing found means that there is nothing. */
export function isWhole(filter: Filter): boolean {
  return Object.keys(narrowed(filter)).length === 0;
}

type Narrowed = InputOf<(typeof getFilesArchive)['query']>;

/** What of the question is a filter: the same for the list and for the archive of all it finds. */
export function narrowed({ words, kind, by, roomId, milestoneId }: Filter): Narrowed {
  return {
    ...(words !== '' && { q: words }),
    ...(kind !== '' && { kind }),
    ...(by !== '' && { by }),
    ...(roomId !== '' && { roomId }),
    ...(milestoneId !== '' && { milestoneId }),
  };
}

export function queryOf(filter: Filter): InputOf<(typeof listFiles)['query']> & { limit: string } {
  return { limit: String(pageSize), ...narrowed(filter) };
}
