import { listInvoices } from '@safesend/shared/escrow/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => ({ first: await ask(event, listInvoices, { query: {} }) });
