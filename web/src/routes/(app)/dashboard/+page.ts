import { getDashboard } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => ({ dashboard: await ask(event, getDashboard, {}) });
