import { listMyInvitations, listProjects } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { archivedQuery, filterOf, isWhole, queryOf } from './filter.ts';

export const load: PageLoad = async (event) => {
  const filter = filterOf(event.url.searchParams);
  const [first, invitations] = await Promise.all([
    ask(event, listProjects, { query: queryOf(filter) }),
    ask(event, listMyInvitations, {}),
  ]);
  const mayBeArchived = isWhole(filter) && first.items.length === 0;
  const archived = mayBeArchived ? await ask(event, listProjects, { query: archivedQuery }) : null;
  return { filter, first, hasArchived: archived !== null && archived.items.length > 0, invitations: invitations.items };
};
