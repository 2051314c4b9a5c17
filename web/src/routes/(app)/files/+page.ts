import { listFiles } from '@safesend/shared/files/calls.ts';
import { listDeliveries } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { filterOf, queryOf } from './filter.ts';

export const load: PageLoad = async (event) => {
  const filter = filterOf(event.url.searchParams);
  const [first, { items: deliveries }] = await Promise.all([
    ask(event, listFiles, { query: queryOf(filter) }),
    ask(event, listDeliveries, { query: { limit: '100' } }),
  ]);
  return { filter, first, deliveries };
};
