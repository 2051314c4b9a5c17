import { listMails, listSupportTickets } from '@safesend/shared/admin/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import { mailKey } from './mail/key.ts';
import { supportKey } from './support/key.ts';
import type { LayoutLoad } from './$types';

/** What waits for an administrator stands on every one of these pages. */
export const load: LayoutLoad = async (event) => {
  event.depends(mailKey, supportKey);
  const [mails, tickets] = await Promise.all([
    ask(event, listMails, { query: { state: 'given_up', limit: '1' } }),
    ask(event, listSupportTickets, { query: { state: 'open', limit: '1' } }),
  ]);
  return { mailsGivenUp: mails.givenUp, ticketsOpen: tickets.open };
};
