import { listMyInvitations, listProjects } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { filterOf, queryOf } from './filter.ts';

export const load: PageLoad = async (event) => {
  const filter = filterOf(event.url.searchParams);
  const [first, invitations] = await Promise.all([
    ask(event, listProjects, { query: queryOf(filter) }),
    ask(event, listMyInvitations, {}),
  ]);
  return { filter, first, invitations: invitations.items };
};
