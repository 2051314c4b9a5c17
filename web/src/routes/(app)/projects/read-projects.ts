import { listProjects, type ProjectListItem } from '@safesend/shared/projects/calls.ts';
import type { AnswerOf } from '@safesend/shared/call.ts';
import type { Page } from '#lib/api/paged-list.svelte.ts';
import type { SendInput } from '#lib/api/send.ts';
import { archivedQuery, isWhole, queryOf, type Filter } from './filter.ts';

export interface ProjectPage extends Page<ProjectListItem> {
  /** Known where nothing is found: is it because everything is archived? */
  readonly hasArchived: boolean;
}

type Ask = (call: typeof listProjects, input: SendInput<typeof listProjects>) => Promise<AnswerOf<typeof listProjects>>;

export async function readProjects(filter: Filter, cursor: string | null, ask: Ask): Promise<ProjectPage> {
  const page = await ask(listProjects, { query: { ...queryOf(filter), ...(cursor !== null && { cursor }) } });
  const mayBeArchived = cursor === null && isWhole(filter) && page.items.length === 0;
  const archived = mayBeArchived ? await ask(listProjects, { query: archivedQuery }) : null;
  return { ...page, hasArchived: archived !== null && archived.items.length > 0 };
}
