import { getFees, getProject } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

/** `?from=<project>`: another project's plan to begin with. */
export const load: PageLoad = async (event) => {
  const projectId = event.url.searchParams.get('from');
  const [from, { fees }] = await Promise.all([
    projectId === null ? null : ask(event, getProject, { params: { projectId } }),
    ask(event, getFees, {}),
  ]);
  return { from, fees };
};
