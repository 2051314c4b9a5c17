import { createApiToken } from '@safesend/shared/accounts/calls.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { Actor, ProjectState } from '../../src/policy.ts';
import { mustDrop, openUpload, uploadIdOf } from '../drops.ts';
import { verify } from '../money.ts';
import { joinProject, projectOf, signUp, type Person, type TestApp } from '../harness.ts';

/** The people of the authorization policy. */
export interface World {
  readonly app: TestApp;
  readonly base: string;
  readonly people: Readonly<Record<Exclude<Actor, 'anonymous' | 'readToken' | 'writeToken'>, Person>>;
  readonly tokens: { readonly readToken: string; readonly writeToken: string };
}

/** The ids one may knock with. The last two are made for the caller where they are to be his own. */
export interface Things {
  readonly projectId: string;
  readonly roomId: string;
  readonly messageId: string;
  /** A file of whoever wrote the message, in its second version, and one of the owner's. */
  readonly fileId: string;
  readonly otherFileId: string;
  /** A link to that file, by who dropped it. */
  readonly shareLinkId: string;
  readonly shareToken: string;
  /** Begun by the owner, five bytes long. */
  readonly uploadId: string;
  readonly milestoneId: string;
  readonly invitationId: string;
  readonly invitationToken: string;
  /** Somebody who sits in the room. */
  readonly userId: string;
  readonly username: string;
  readonly sessionId?: string;
  readonly apiTokenId?: string;
  readonly passkeyId?: string;
}

export async function openWorld(app: TestApp): Promise<World> {
  const [stranger, invitee, removed, member, party, owner] = await Promise.all([
    signUp(app, 'client'),
    signUp(app, 'client'),
    signUp(app, 'client'),
    signUp(app, 'client'),
    signUp(app, 'freelancer'),
    signUp(app, 'client'),
  ]);
  const base = `http://127.0.0.1:${app.port}`;
  await verify(app, stranger, invitee, removed, member, party, owner);
  const people = { stranger, invitee, removed, member, party, owner };
  return { app, base, people, tokens: await tokensOf(owner) };
}

/** One red pixel. */
export const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

export async function sendAvatar({ base, cookie }: Person): Promise<string> {
  const headers = { cookie, origin: base, 'content-type': 'image/png' };
  const response = await fetch(`${base}/api/v1/me/avatar`, { method: 'PUT', headers, body: pixel });
  const { user } = (await response.json()) as { user: { avatarId: string } };
  return user.avatarId;
}

const avatars = new WeakMap<Person, Promise<string>>();

/** His picture, sent once: a second one would take the place of the first. */
export function avatarOf(person: Person): Promise<string> {
  const sent = avatars.get(person) ?? sendAvatar(person);
  avatars.set(person, sent);
  return sent;
}

export async function tokensOf(person: Person): Promise<World['tokens']> {
  const [read, write] = await Promise.all(
    [['read'] as const, ['read', 'write'] as const].map((scopes) =>
      person.must(createApiToken, { body: { name: scopes.join(' '), scopes: [...scopes] } }),
    ),
  );
  return { readToken: read?.token ?? '', writeToken: write?.token ?? '' };
}

export function personOf({ people }: Pick<World, 'people'>, actor: Actor): Person | null {
  return actor === 'anonymous' || actor === 'readToken' || actor === 'writeToken' ? null : people[actor];
}

export function headersOf(world: Pick<World, 'people' | 'tokens'>, actor: Actor): Record<string, string> {
  if (actor === 'readToken' || actor === 'writeToken') return { authorization: `Bearer ${world.tokens[actor]}` };
  const person = personOf(world, actor);
  return person ? { cookie: person.cookie } : {};
}

/** A project in this state with everybody in his place. A draft has no other money party yet. */
export async function furnish({ people }: World, state: ProjectState = 'active'): Promise<Things> {
  const { owner, party, member, removed, invitee } = people;
  const author = state === 'draft' ? member : party;
  const { id: projectId, roomId } = await projectOf(owner);
  await Promise.all([...new Set([member, removed, author])].map((it) => joinProject(owner, it, projectId)));
  const body = { title: 'Design', amountMinor: 120_000, criteria: 'Three screens, signed off' };
  const { milestone } = await owner.must(projects.planMilestone, { params: { projectId }, body });
  const { event } = await author.must(rooms.postMessage, {
    params: { roomId },
    body: { commandId: newId(), body: 'Hello' },
  });
  const { fileId } = await mustDrop(author, { roomId });
  await mustDrop(author, { roomId, fileId });
  const { shareLink, token: shareToken } = await author.must(files.createShareLink, {
    params: { fileId },
    body: { expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
  });
  const { fileId: otherFileId } = await mustDrop(owner, { roomId });
  const uploadId = uploadIdOf(await openUpload(owner, { roomId, size: 5 }));
  const { username, role } = invitee.user;
  const { invitation } = await owner.must(projects.invite, { params: { projectId }, body: { username, role } });
  await owner.must(rooms.removeMember, { params: { roomId, userId: removed.id } });
  await end(owner, projectId, state);
  return {
    projectId,
    roomId,
    messageId: event.type === 'message.posted' ? event.data.id : '',
    fileId,
    otherFileId,
    shareLinkId: shareLink.id,
    shareToken,
    uploadId,
    milestoneId: milestone.id,
    invitationId: invitation.id,
    invitationToken: invitation.token,
    userId: author.id,
    username: author.user.username,
  };
}

async function end(owner: Person, projectId: string, state: ProjectState): Promise<void> {
  const params = { projectId };
  if (state === 'completed') await owner.must(projects.completeProject, { params });
  if (state === 'cancelled' || state === 'deleted') await owner.must(projects.cancelProject, { params });
  if (state === 'deleted') await owner.must(projects.deleteProject, { params });
}

/** Posts a message; its id. */
export async function postedId(person: Person, roomId: string, body: string, more: object = {}): Promise<string> {
  const { event } = await person.must(rooms.postMessage, {
    params: { roomId },
    body: { commandId: newId(), body, ...more },
  });
  return event.type === 'message.posted' ? event.data.id : '';
}

/** Ids of nothing. */
export function nowhere(): Things {
  return {
    projectId: newId(),
    roomId: newId(),
    messageId: newId(),
    fileId: newId(),
    otherFileId: newId(),
    shareLinkId: newId(),
    shareToken: 'nothing-opens-with-this',
    uploadId: newId(),
    milestoneId: newId(),
    invitationId: newId(),
    invitationToken: 'nothing-opens-with-this',
    userId: newId(),
    username: `nobody-${newId().slice(-8)}`,
    sessionId: newId(),
    apiTokenId: newId(),
    passkeyId: newId(),
  };
}
