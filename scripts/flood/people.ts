// The people who talk: members whose API tokens were given, or newcomers with a project of their own.
import { randomBytes } from 'node:crypto';
import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import type { ToClient, ToServer } from '@safesend/shared/socket.ts';
import { io, type Socket } from 'socket.io-client';
import type { Api, Headers } from './api.ts';

export type Line = Socket<ToClient, ToServer>;

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly headers: Headers;
  /** A connection of his own, made when it is asked for. */
  readonly connect: () => Promise<Line>;
}

export interface Crowd {
  readonly roomId: string;
  readonly talkers: readonly Person[];
  readonly listener: Person;
  /** People who were made for this run and do nothing else: what they did not send is a double. */
  readonly areOurs: boolean;
  /** How a person can watch, when the room was made for this run. */
  readonly entrance?: { readonly email: string; readonly password: string };
}

export async function invitedCrowd(api: Api, roomId: string, tokens: readonly string[]): Promise<Crowd> {
  const talkers: Person[] = [];
  for (const token of tokens) {
    const headers = { authorization: `Bearer ${token}` };
    const { user } = (await api.insist(accounts.me, headers)).body;
    talkers.push({ id: user.id, username: user.username, headers, connect: () => connect(api.url, {}, { token }) });
  }
  const [listener] = talkers;
  if (!listener) throw new Error('There is no token in --tokens.');
  return { roomId, talkers, listener, areOurs: false };
}

const names = (
  'Amara Bauer,Ines Carvalho,Noah Eriksen,Priya Nair,Luca Moretti,Sofia Novak,Emil Hansen,Yara Haddad,Tom Whitfield,' +
  'Hana Sato,Leo Fischer,Nina Kowalska,Omar Diallo,Julia Lindholm,Pablo Reyes,Freya Olsen,Ivan Petrov,Chloe Martin,' +
  'Samir Aziz,Greta Vogel,Daniel Osei,Marta Ferrari,Anton Berg,Lucia Torres,Felix Wagner,Aisha Khan,Jan de Vries,' +
  'Elena Popescu,Max Keller'
).split(',');

/** Opens accounts, a project and its room, and brings everybody in, as people would. */
export async function ownCrowd(api: Api, count: number): Promise<Crowd> {
  const mark = randomBytes(4).toString('hex');
  const password = randomBytes(18).toString('base64url');
  const people: Person[] = [];
  for (let n = 0; n <= count; n++) people.push(await register(api, n, mark, password));
  const [owner, ...others] = people;
  if (!owner) throw new Error('A room needs people.');
  const title = `A busy month ${mark}`;
  const body = { title, description: 'Many people, one room, no silence.', currency: 'EUR' as const };
  const { project } = (await api.insist(projects.createProject, owner.headers, { body })).body;
  for (const other of others) await bringIn(api, owner, other, project.id);
  const entrance = { email: emailOf(0, mark), password };
  return { roomId: project.roomId, talkers: others, listener: owner, areOurs: true, entrance };
}

async function register(api: Api, n: number, mark: string, password: string): Promise<Person> {
  const displayName = names[n % names.length] ?? '';
  const username = `${displayName.split(' ')[0]?.toLowerCase()}-${n}-${mark}`;
  const role = n === 0 ? ('client' as const) : ('freelancer' as const);
  const body = { email: emailOf(n, mark), username, password, displayName, role };
  const { body: signedIn, cookie } = await api.insist(accounts.register, {}, { body });
  const headers = { cookie };
  const own = { cookie, origin: api.url };
  return { id: signedIn.user.id, username, headers, connect: () => connect(api.url, own, {}) };
}

function emailOf(n: number, mark: string): string {
  return `person-${n}-${mark}@flood.example`;
}

async function bringIn(api: Api, owner: Person, other: Person, projectId: string): Promise<void> {
  const body = { username: other.username, role: 'freelancer' as const };
  const { invitation } = (await api.insist(projects.invite, owner.headers, { params: { projectId }, body })).body;
  await api.insist(projects.acceptInvitation, other.headers, { params: { invitationId: invitation.id }, body: {} });
}

async function connect(url: string, extraHeaders: Headers, auth: Record<string, string>): Promise<Line> {
  const line: Line = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 200,
    reconnectionDelayMax: 1_000,
    extraHeaders,
    auth,
  });
  await new Promise<void>((resolve, reject) => {
    line.once('connect', resolve);
    line.once('connect_error', reject);
  });
  return line;
}
