import { listMails } from '@safesend/shared/admin/calls.ts';
import type { MailState } from '@safesend/shared/admin/mail.ts';
import { load as ask } from '#lib/api/load.ts';
import { mailKey } from './key.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  event.depends(mailKey);
  const page = (state: MailState) => ask(event, listMails, { query: { state } });
  const [givenUp, waiting, kept] = await Promise.all([page('given_up'), page('waiting'), page('kept')]);
  return { givenUp, waiting, kept };
};
