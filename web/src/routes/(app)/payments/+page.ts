import { listTransactions } from '@safesend/shared/escrow/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => ({
  latest: (await ask(event, listTransactions, { query: { limit: '5' } })).items,
});
