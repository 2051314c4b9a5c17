import { getProject, listMyInvitations, listProjectInvitations } from '@safesend/shared/projects/calls.ts';
import { getRoom } from '@safesend/shared/rooms/calls.ts';
import { isHttpError, redirect } from '@sveltejs/kit';
import { load as ask } from '#lib/api/load.ts';
import type { PageLoad } from './$types';
import { projectKey } from './key.ts';

export const load: PageLoad = async (event) => {
  event.depends(projectKey);
  // Who one is stays, whatever else changes in the account.
  const { session } = await event.untrack(() => event.parent());
  const { projectId } = event.params;
  const { project, milestones } = await ask(event, getProject, { params: { projectId } }).catch(
    async (problem: unknown) => {
      // Whoever is invited is not in it yet: its link leads him to his answer.
      if (isHttpError(problem, 404)) {
        const { items } = await ask(event, listMyInvitations, { query: { limit: '100' } });
        const mine = items.find((it) => it.projectId === projectId);
        if (mine) redirect(303, `/invitations/${mine.id}`);
      }
      throw problem;
    },
  );
  const isOwner = project.ownerId === session.user.id;
  const [{ members, headSeq }, invitations] = await Promise.all([
    ask(event, getRoom, { params: { roomId: project.roomId } }),
    isOwner ? ask(event, listProjectInvitations, { params: { projectId }, query: { limit: '100' } }) : null,
  ]);
  return { project, milestones, members, headSeq, isOwner, invitations: invitations?.items ?? null };
};
