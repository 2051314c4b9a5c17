import { getProject } from '@safesend/shared/projects/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';

/** `?from=<project>`: another project's plan to begin with. */
export const load: PageLoad = async (event) => {
  const projectId = event.url.searchParams.get('from');
  return { from: projectId === null ? null : await ask(event, getProject, { params: { projectId } }) };
};
