import {
  archiveProject,
  exportProject,
  unarchiveProject,
  type ProjectListItem,
} from '@safesend/shared/projects/calls.ts';
import { problemText, requestIdOf } from '#lib/api/problem-text.ts';
import { send } from '#lib/api/send.ts';
import { download } from '#lib/projects/download.ts';

export type BulkVerb = 'archive' | 'unarchive' | 'export';

/** How it went for one of the chosen projects; `reason` is null when it was done. */
export interface BulkResult {
  readonly id: string;
  readonly title: string;
  readonly reason: string | null;
  /** To name to those who run this, where it failed on their side. */
  readonly requestId?: string | undefined;
}

/** Does one thing to each project. What fails for one is said of that one and stops no other. */
export async function doAll(verb: BulkVerb, projects: readonly ProjectListItem[]): Promise<BulkResult[]> {
  const documents: unknown[] = [];
  const results: BulkResult[] = [];
  for (const { id, title } of projects) {
    const params = { projectId: id };
    try {
      if (verb === 'archive') await send(archiveProject, { params });
      else if (verb === 'unarchive') await send(unarchiveProject, { params });
      else documents.push(await send(exportProject, { params }));
      results.push({ id, title, reason: null });
    } catch (problem) {
      const requestId = requestIdOf(problem);
      results.push({ id, title, reason: problemText(problem), requestId });
    }
  }
  if (documents.length > 0) download('safesend-projects', { projects: documents });
  return results;
}
