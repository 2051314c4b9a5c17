import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  const filter = event.url.searchParams.get('filter') === 'unread' ? 'unread' : 'all';
  return { filter, first: await ask(event, listNotifications, { query: { filter } }) } as const;
};
