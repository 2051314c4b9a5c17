import { randomBytes } from 'node:crypto';
import { createApiToken, listApiTokens, listSessions } from '@safesend/shared/accounts/calls.ts';
import * as accounts from '@safesend/shared/accounts/calls.ts';
import type { CallShape } from '@safesend/shared/call.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as notices from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { roomFact, type RoomEvent } from '@safesend/shared/rooms/event.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Actor } from '../../src/policy.ts';
import { startTestApp, type Person, type TestApp } from '../harness.ts';
import { postedId, furnish, openWorld, type Things, type World } from './world.ts';

let app: TestApp;
let world: World;
let own: Things;
let foreign: Things;

beforeAll(async () => {
  app = await startTestApp();
  const [here, there] = await Promise.all([openWorld(app), openWorld(app)]);
  world = here;
  [own, foreign] = await Promise.all([furnish(here), furnish(there)]);
});
afterAll(() => app.close());

/** Everything a person may read, as text; each answer holds exactly the keys of its published schema. */
async function readAll(person: Person, { projectId, roomId, messageId }: Things): Promise<string> {
  const texts: string[] = [];
  const read = async (call: CallShape, sent: object = {}) => {
    const { status, body } = await person.call(call, sent);
    texts.push(JSON.stringify(body));
    if (status >= 400) return;
    const schema = call.answers[200] as z.ZodType;
    const { error } = schema.safeParse(body);
    expect(error?.issues ?? [], `${call.path} for ${person.user.username}`).toEqual([]);
  };
  for (const call of [
    rooms.listRooms,
    projects.listProjects,
    projects.getDashboard,
    projects.listMyInvitations,
    notices.listNotifications,
    accounts.listBlocks,
  ]) {
    await read(call);
  }
  const params = { projectId, roomId, messageId };
  for (const call of [
    projects.getProject,
    projects.exportProject,
    projects.listProjectInvitations,
    rooms.getRoom,
    rooms.listMembers,
    rooms.getMessage,
  ]) {
    await read(call, { params });
  }
  for (const query of [
    { after: 0, limit: 500 },
    { before: 100_000, limit: 500 },
  ])
    await read(rooms.listEvents, { params, query });
  await read(rooms.listRooms, { query: { kind: 'inbox' } });
  return texts.join('\n');
}

const forbiddenKeys =
  /"(password\w*|\w*hash\w*|ip\w*|address|session\w*|cookie|token\w*|secret\w*|email\w*|userAgent|inboxRoomId|registrationKey)":/gi;
/** The chain is the room's to see, and one's own account shows one's own address; others' addresses are looked for by value. */
const allowedKeys = new Set(['"hash":', '"prevhash":', '"email":', '"emailverifiedat":']);

test.each(['owner', 'party', 'member', 'removed', 'invitee', 'stranger'] as const)(
  'T-A15 T-A16 what %s reads and hears holds nothing that is another’s',
  async (actor: Actor) => {
    const person = world.people[actor as 'owner'];
    const heard: unknown[] = [];
    const socket = await person.socket();
    socket.onAny((...message: unknown[]) => void heard.push(message));
    const acks = [
      await socket.emitWithAck('room.join', { roomId: own.roomId, after: 0 }),
      await socket.emitWithAck('room.catchUp', { roomId: own.roomId, after: 0 }),
      await socket.emitWithAck('room.join', { roomId: foreign.roomId, after: 0 }),
      await socket.emitWithAck('room.markRead', { roomId: own.roomId, seq: 1 }),
    ];
    const { party, owner } = world.people;
    const email = `quiet-${newId()}@example.com`;
    await owner.must(projects.invite, { params: own, body: { email, role: 'client' } });
    await postedId(party, own.roomId, `@${owner.user.username} look`);
    await owner.must(accounts.changeProfile, { body: { headline: newId() } });
    await socket.emitWithAck('presence.set', { status: 'online' });
    const text = [await readAll(person, own), JSON.stringify(heard), JSON.stringify(acks)].join('\n');
    for (const event of eventsIn(acks))
      expect(roomFact.safeParse({ type: event.type, data: event.data }).error?.issues ?? []).toEqual([]);
    const keys = new Set([...text.matchAll(forbiddenKeys)].map(([key]) => key.toLowerCase()));
    expect([...keys].filter((key) => !allowedKeys.has(key))).toEqual([]);
    const others = Object.values(world.people).filter(({ id }) => id !== person.id);
    const secrets = [
      ...others.flatMap(({ user, cookie, inboxRoomId }) => [user.email, cookie.split('=')[1] ?? '', inboxRoomId]),
      // Whom the owner invited is his own word; the others see it masked.
      ...(actor === 'owner' ? [] : [email]),
      '127.0.0.1',
      ...(await secretsOfDatabase()),
    ];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    person.close();
  },
);

function eventsIn(acks: readonly unknown[]): RoomEvent[] {
  return acks.flatMap((ack) => (ack as { value?: { events?: RoomEvent[] } }).value?.events ?? []);
}

async function secretsOfDatabase(): Promise<string[]> {
  const rows = await app.sql<{ secret: string | null }>(
    `select password_hash as secret from users union all select id from sessions union all select token_hash from api_tokens
     union all select token_hash from invitations union all select mailed_token_hash from invitations union all select token_hash from account_links`,
  );
  return rows.flatMap(({ secret }) => secret ?? []);
}

test('T-A15 a secret is shown once, to its maker, and is nowhere in the database', async () => {
  const { owner } = world.people;
  const { token } = await owner.must(createApiToken, { body: { name: 'Script', scopes: ['read'] } });
  const lists = await Promise.all([owner.must(listApiTokens), owner.must(listSessions)]);
  expect(JSON.stringify(lists)).not.toContain(token);
  expect(JSON.stringify(lists)).not.toMatch(/"(token\w*|hash|secret|key)":/i);
  const tables = await app.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const secret = owner.cookie.split('=')[1] ?? '';
  for (const { name } of tables) {
    const found = await app.sql(
      `select 1 from "${name}" t where t::text like '%' || $1 || '%' or t::text like '%' || $2 || '%' or t::text like '%correct horse battery%' limit 1`,
      [token, secret],
    );
    expect(found, name).toEqual([]);
  }
});

test('T-A17 a deleted message is quoted nowhere', async () => {
  const { owner, party, member } = world.people;
  const secret = `secret-${randomBytes(8).toString('hex')}`;
  const { headSeq } = await owner.must(rooms.getRoom, { params: own });
  const sockets = await Promise.all([owner, party].map((person) => person.socket()));
  const messageId = await postedId(party, own.roomId, `@${owner.user.username} ${secret}`);
  await party.must(rooms.editMessage, { params: { ...own, messageId }, body: { body: `${secret} again` } });
  await postedId(owner, own.roomId, 'A reply', { replyTo: messageId });
  await owner.must(rooms.addReaction, { params: { ...own, messageId, emoji: '👍' } });
  const heard: string[] = [];
  for (const socket of sockets) {
    await socket.emitWithAck('room.join', { roomId: own.roomId, after: -1 });
    socket.onAny((...message: unknown[]) => void heard.push(JSON.stringify(message)));
  }
  const { event } = await party.must(rooms.deleteMessage, { params: { ...own, messageId } });
  expect(event).toMatchObject({ type: 'message.deleted', data: { body: null } });
  await expect.poll(() => heard.filter((it) => it.includes('message.deleted')).length).toBe(2);
  for (const person of [owner, party, member]) {
    const socket = await person.socket();
    const caughtUp = [
      await socket.emitWithAck('room.join', { roomId: own.roomId, after: headSeq }),
      await socket.emitWithAck('room.catchUp', { roomId: own.roomId, after: 0 }),
      await socket.emitWithAck('room.join', { roomId: person.inboxRoomId, after: 0 }),
    ];
    const redacted = eventsIn(caughtUp).filter(({ data }) => (data as { id?: string }).id === messageId);
    expect(redacted.length).toBeGreaterThanOrEqual(6);
    expect(redacted.every((it) => it.redacted === true && (it.data as { body: unknown }).body === null)).toBe(true);
    const text = [await readAll(person, { ...own, messageId }), JSON.stringify(caughtUp), ...heard].join('\n');
    expect(text).not.toContain(secret);
    person.close();
  }
  expect((await party.call(rooms.editMessage, { params: { ...own, messageId }, body: { body: 'Back' } })).status).toBe(
    409,
  );
});
