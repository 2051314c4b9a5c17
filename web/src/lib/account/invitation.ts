import {
  acceptInvitation,
  listMyInvitations,
  listProjects,
  lookUpInvitation,
} from '@safesend/shared/projects/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';

export type Invitation = Awaited<ReturnType<typeof send<typeof lookUpInvitation>>>['invitation'];

/** What a token invites to; null when it is spent, taken back or never was. */
export async function findInvitation(token: string, fetch?: typeof globalThis.fetch): Promise<Invitation | null> {
  try {
    return (await send(lookUpInvitation, { body: { token }, fetch })).invitation;
  } catch (problem) {
    if (problem instanceof ApiProblem && ['missing', 'invalid', 'malformed'].includes(problem.code)) return null;
    throw problem;
  }
}

/** One of the open invitations to me, which need no token; null when it is none of them any more. */
export async function findMyInvitation(id: string, fetch?: typeof globalThis.fetch): Promise<Invitation | null> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { limit: '100', ...(cursor && { cursor }) };
    const page: Awaited<ReturnType<typeof send<typeof listMyInvitations>>> = await send(listMyInvitations, {
      query,
      fetch,
    });
    const found = page.items.find((it) => it.id === id);
    if (found) return found;
    cursor = page.nextCursor;
  }
  return null;
}

/** Am I in this project already, so that there is nothing to accept? */
export async function isMyProject(projectId: string, fetch?: typeof globalThis.fetch): Promise<boolean> {
  for (const archived of ['false', 'true'] as const) {
    for (let cursor: string | null | undefined; cursor !== null;) {
      const query = { limit: '100', archived, ...(cursor && { cursor }) };
      const page: Awaited<ReturnType<typeof send<typeof listProjects>>> = await send(listProjects, { query, fetch });
      if (page.items.some(({ id }) => id === projectId)) return true;
      cursor = page.nextCursor;
    }
  }
  return false;
}

/** Joins the room and answers its address. */
export async function joinByInvitation(invitationId: string, token?: string): Promise<string> {
  const { roomId } = await send(acceptInvitation, { params: { invitationId }, body: token ? { token } : {} });
  return `/rooms/${roomId}`;
}
