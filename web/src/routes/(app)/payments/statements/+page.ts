import { getStatements } from '@safesend/shared/escrow/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { queryOf, readDays } from './period.ts';

export const load: PageLoad = async (event) => {
  const { live } = await event.untrack(() => event.parent());
  // This month is the product's, also where a test has moved its clock.
  const now = new Date(Math.max(Date.now(), Date.parse(live.inbox?.checkpoint.at ?? '') || 0));
  const { days, wanted } = readDays(event.url.searchParams, now);
  return { days, wanted, statements: (await ask(event, getStatements, { query: queryOf(days) })).items };
};
