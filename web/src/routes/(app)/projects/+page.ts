import { listMyInvitations } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { filterOf } from './filter.ts';
import { readProjects } from './read-projects.ts';

export const load: PageLoad = async (event) => {
  const filter = filterOf(event.url.searchParams);
  const [first, invitations] = await Promise.all([
    readProjects(filter, null, (call, input) => ask(event, call, input)),
    ask(event, listMyInvitations, {}),
  ]);
  return { filter, first, invitations: invitations.items };
};
