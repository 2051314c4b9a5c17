import { listFiles } from '@safesend/shared/files/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { filterOf, queryOf } from './filter.ts';

export const load: PageLoad = async (event) => {
  const filter = filterOf(event.url.searchParams);
  return { filter, first: await ask(event, listFiles, { query: queryOf(filter) }) };
};
