import { listSupportTickets } from '@safesend/shared/admin/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import { supportKey } from './key.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  event.depends(supportKey);
  const page = (state: 'open' | 'answered') => ask(event, listSupportTickets, { query: { state } });
  const [open, answered] = await Promise.all([page('open'), page('answered')]);
  return { open, answered };
};
