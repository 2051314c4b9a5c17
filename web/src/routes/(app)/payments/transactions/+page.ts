import { listTransactions } from '@safesend/shared/escrow/calls.ts';
import { listProjects } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { filterOf, isOfNothing, queryOf } from './filter.ts';

const nothing = { items: [], nextCursor: null };

export const load: PageLoad = async (event) => {
  const filter = filterOf(event.url.searchParams);
  const [first, projects] = await Promise.all([
    isOfNothing(filter) ? nothing : ask(event, listTransactions, { query: queryOf(filter) }),
    ask(event, listProjects, { query: { limit: '100' } }),
  ]);
  return { filter, first, projects: projects.items };
};
