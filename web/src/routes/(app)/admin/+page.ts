import { getStorageReport } from '@safesend/shared/admin/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => ({ storage: await ask(event, getStorageReport, {}) });
