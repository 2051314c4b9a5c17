import * as accounts from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as notices from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policy } from '../../src/policy.ts';
import { startTestApp, type TestApp } from '../harness.ts';
import { addressFor, knock } from './knock.ts';
import { json, raw } from './raw-http.ts';
import { postedId, furnish, headersOf, openWorld, personOf, type Things, type World } from './world.ts';

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

test('T-A13 a thing of one project is missing under the address of another, even for those who may see both', async () => {
  const { owner, party } = world.people;
  const second = await furnish(world);
  const before = await countFacts();
  for (const person of [owner, party]) {
    for (const messageId of [second.messageId, foreign.messageId]) {
      const params = { roomId: own.roomId, messageId };
      const answers = [
        await person.call(rooms.getMessage, { params }),
        await person.call(rooms.editMessage, { params, body: { body: 'Changed' } }),
        await person.call(rooms.deleteMessage, { params }),
        await person.call(rooms.addReaction, { params: { ...params, emoji: '👍' } }),
        await person.call(rooms.removeReaction, { params: { ...params, emoji: '👍' } }),
        await person.call(rooms.postMessage, {
          params,
          body: { commandId: newId(), body: 'Look', replyTo: messageId },
        }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
      const socket = await person.socket();
      const command = { roomId: own.roomId, commandId: newId(), body: 'Look', replyTo: messageId };
      expect(await socket.emitWithAck('message.post', command)).toMatchObject({
        ok: false,
        error: { code: 'missing' },
      });
      person.close();
    }
  }
  const elsewhere = { roomId: own.roomId, userId: foreign.userId };
  expect((await owner.call(rooms.removeMember, { params: elsewhere })).status).toBe(404);
  expect(
    (
      await owner.call(rooms.postMessage, {
        params: own,
        body: { commandId: newId(), body: 'x', files: [{ fileId: newId(), version: 1 }] },
      })
    ).status,
  ).toBe(404);
  // A token of another invitation opens that one alone.
  const { stranger } = world.people;
  const wrongKey = { params: { invitationId: own.invitationId }, body: { token: foreign.invitationToken } };
  expect((await stranger.call(projects.acceptInvitation, wrongKey)).status).toBe(404);
  expect((await stranger.call(projects.declineInvitation, wrongKey)).status).toBe(404);
  expect(await countFacts()).toBe(before);
});

test('T-A13 T-A2 refused posts in the middle of a burst get their own answers and spoil no other', async () => {
  const { party } = world.people;
  const socket = await party.socket();
  const post = (n: number) => {
    const wrong =
      n % 10 === 3 ? { replyTo: foreign.messageId } : n % 10 === 7 ? { files: [{ fileId: newId(), version: 1 }] } : {};
    return socket.emitWithAck('message.post', { roomId: own.roomId, commandId: newId(), body: `Burst ${n}`, ...wrong });
  };
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => post(n)));
  const codes = answers.map((it) => (it.ok ? 'ok' : it.error.code));
  expect(codes).toEqual(codes.map((_, n) => ([3, 7].includes(n % 10) ? 'missing' : 'ok')));
  party.close();
});

test('T-A13 marking somebody else’s notifications changes nothing of his', async () => {
  const { owner, stranger } = world.people;
  const { items } = await owner.must(notices.listNotifications);
  const unread = items.filter(({ readAt }) => readAt === null).map(({ id }) => id);
  expect(unread.length).toBeGreaterThan(0);
  await stranger.must(notices.markNotificationsRead, { body: { ids: unread } });
  expect((await owner.must(notices.listNotifications)).items).toEqual(items);
});

async function countFacts(): Promise<number> {
  return (await app.sql<{ n: number }>('select count(*)::int as n from facts'))[0]?.n ?? 0;
}

test('T-A22 no spelling of an address gets around a refusal', async () => {
  const { stranger } = world.people;
  const { title } = (await world.people.owner.must(projects.getProject, { params: own })).project;
  const path = `/api/v1/projects/${own.projectId}`;
  const spellings = [
    `${path}/`,
    `/${path}`,
    `/api//v1/projects/${own.projectId}`,
    path.toUpperCase(),
    `/API/v1/projects/${own.projectId}`,
    `/api/v1/projects%2f${own.projectId}`,
    `/api/v1/auth/%2e%2e/projects/${own.projectId}`,
    `/api/v1/auth/../projects/${own.projectId}`,
    `/api/v1/auth/me/..%2f..%2fprojects%2f${own.projectId}`,
    `${path};x`,
    `${path};x=1/export`,
    `${path}.json`,
    `${path}%00`,
    `${path}%20`,
    `${path}?`,
    `${path}#x`,
    `/api/v1/projects/./${own.projectId}`,
    `/api/v1/projects/${own.projectId.toUpperCase()}`,
    `\\api\\v1\\projects\\${own.projectId}`,
    `http://localhost${path}`,
    `//localhost${path}`,
  ];
  for (const headers of [{ cookie: stranger.cookie }, {}] as Record<string, string>[]) {
    for (const spelling of spellings) {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE', 'PROPFIND', 'TRACE']) {
        const { status, text } = await raw(app.port, method, spelling, headers).catch(() => ({
          status: 400,
          text: '',
        }));
        expect(status, `${method} ${spelling}`).toBeGreaterThanOrEqual(300);
        expect(status, `${method} ${spelling}`).toBeLessThan(500);
        expect(text).not.toContain(title);
      }
    }
    const overrides = {
      'x-http-method-override': 'DELETE',
      'x-method-override': 'DELETE',
      'x-original-url': path,
      'x-rewrite-url': path,
      'x-forwarded-host': 'localhost',
      'x-forwarded-prefix': path,
    };
    for (const [address, method] of [
      ['/healthz', 'GET'],
      ['/api/v1/auth/me', 'GET'],
      [path, 'GET'],
      [`${path}?_method=DELETE`, 'POST'],
    ] as const) {
      expect((await raw(app.port, method, address, { ...headers, ...overrides })).text).not.toContain(title);
    }
  }
  expect((await world.people.owner.call(projects.getProject, { params: own })).status).toBe(200);
});

test('T-A22 a project that is not mine is missing by every method', async () => {
  const rule = policy.find(({ door }) => door === 'GET /api/v1/projects/{projectId}');
  const { path } = await addressFor(rule ?? { door: '', subject: 'nothing', verdicts: {} as never }, own, world, null);
  for (const actor of ['stranger', 'removed', 'invitee'] as const) {
    for (const method of ['GET', 'HEAD', 'PATCH', 'DELETE']) {
      const heard = await raw(
        app.port,
        method,
        path,
        { ...headersOf(world, actor), ...(method === 'PATCH' && json) },
        method === 'PATCH' ? '{}' : undefined,
      );
      expect(heard.status, `${actor} ${method}`).toBe(404);
    }
    expect(
      (
        await knock(
          world.base,
          'GET /api/v1/projects/{projectId}',
          { params: { projectId: own.projectId } },
          headersOf(world, actor),
        )
      ).verdict,
    ).toBe('missing');
    expect(personOf(world, actor)).not.toBeNull();
  }
});

test('T-A23 nobody joins what is not a room of his, by any name', async () => {
  const { stranger, owner } = world.people;
  const socket = await stranger.socket();
  const heard: unknown[] = [];
  socket.onAny((...message: unknown[]) => void heard.push(message));
  const names = [
    `user:${owner.id}`,
    `seat:${own.roomId}:${owner.id}`,
    `session:${newId()}`,
    owner.id,
    owner.inboxRoomId,
    own.roomId,
    foreign.roomId,
    socket.id,
    '*',
    '',
    'x'.repeat(10_240),
    7,
    [own.roomId],
    { roomId: own.roomId },
    null,
    true,
  ];
  for (const roomId of names) {
    const joined = await socket.emitWithAck('room.join', { roomId: roomId as string, after: -1 });
    expect(joined, JSON.stringify(roomId)).toMatchObject({ ok: false });
  }
  await postedId(owner, own.roomId, 'Not for strangers');
  await owner.must(accounts.changeProfile, { body: { headline: newId() } });
  await socket.emitWithAck('presence.set', { status: 'away' });
  expect(heard).toEqual([]);
  stranger.close();
});
