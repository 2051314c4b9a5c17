import type { listProjects } from '@safesend/shared/projects/calls.ts';
import { projectStatus } from '@safesend/shared/projects/project.ts';
import type { InputOf } from '@safesend/shared/call.ts';
import { z } from 'zod';

const tab = z.enum(['all', ...projectStatus.options, 'archived']);
export type Tab = z.infer<typeof tab>;

/** Which projects are asked for: it stands in the address and survives reload, back and sharing. */
export interface Filter {
  readonly tab: Tab;
  readonly words: string;
}

export const pageSize = 24;

export function filterOf(search: URLSearchParams): Filter {
  return { tab: tab.catch('all').parse(search.get('status')), words: (search.get('q') ?? '').slice(0, 120) };
}

export function addressOf({ tab, words }: Filter): string {
  const search = new URLSearchParams();
  if (tab !== 'all') search.set('status', tab);
  if (words !== '') search.set('q', words);
  return search.size > 0 ? `/projects?${search}` : '/projects';
}

/** Finds everything that is not archived, so nothing found may still mean that all is archived. */
export function isWhole({ tab, words }: Filter): boolean {
  return tab === 'all' && words === '';
}

/** Is anything archived at all? One is enough to know. */
export const archivedQuery = { archived: 'true', limit: '1' } as const;

export function queryOf({ tab, words }: Filter): InputOf<(typeof listProjects)['query']> & { limit: string } {
  return {
    limit: String(pageSize),
    ...(tab !== 'all' && tab !== 'archived' && { status: tab }),
    ...(tab === 'archived' && { archived: 'true' as const }),
    ...(words !== '' && { q: words }),
  };
}
