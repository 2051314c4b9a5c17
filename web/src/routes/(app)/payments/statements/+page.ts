import { getStatements } from '@safesend/shared/escrow/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { queryOf, readDays } from './period.ts';

export const load: PageLoad = async (event) => {
  const { days, wanted } = readDays(event.url.searchParams);
  return { days, wanted, statements: (await ask(event, getStatements, { query: queryOf(days) })).items };
};
