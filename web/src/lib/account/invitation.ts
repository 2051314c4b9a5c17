import { acceptInvitation, getMyInvitation, listProjects, lookUpInvitation } from '@safesend/shared/projects/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';

export type Invitation = Awaited<ReturnType<typeof send<typeof lookUpInvitation>>>['invitation'];

/** What a token invites to; null when it is spent, taken back or never was. */
export async function findInvitation(token: string, fetch?: typeof globalThis.fetch): Promise<Invitation | null> {
  return send(lookUpInvitation, { body: { token }, fetch }).then(({ invitation }) => invitation, nullIfMissing);
}

function nullIfMissing(problem: unknown): null {
  if (problem instanceof ApiProblem && ['missing', 'invalid', 'malformed'].includes(problem.code)) return null;
  throw problem;
}

/** An invitation to me, which needs no token; null when it is none of mine. */
export async function findMyInvitation(
  invitationId: string,
  fetch?: typeof globalThis.fetch,
): Promise<Invitation | null> {
  return send(getMyInvitation, { params: { invitationId }, fetch }).then(({ invitation }) => invitation, nullIfMissing);
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
