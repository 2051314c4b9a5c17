import { getWallet } from '@safesend/shared/escrow/calls.ts';
import { getDashboard } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  const [dashboard, wallet] = await Promise.all([ask(event, getDashboard, {}), ask(event, getWallet, {})]);
  return { dashboard, wallet };
};
