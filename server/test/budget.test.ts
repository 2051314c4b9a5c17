import { me } from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countStatements } from '../src/kernel/plans.ts';
import { openUpload, sendBytes, uploadIdOf } from './drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp, type TestSocket } from './harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
let roomId: string;
let projectId: string;
let socket: TestSocket;
/** Messages of the client, one for each try of what can be done to a message once. */
let messages: string[];
/** Uploads that were opened, for bytes that are sent once. */
let uploads: string[];
const content = Buffer.from('Notes '.repeat(300));

const post = async (person: Person, room = roomId) =>
  (await person.must(rooms.postMessage, { params: { roomId: room }, body: { commandId: newId(), body: newId() } }))
    .event;

beforeAll(async () => {
  app = await startTestApp();
  [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  ({ id: projectId, roomId } = await projectOf(client, freelancer));
  socket = await client.socket();
  uploads = [];
  for (let n = 0; n < 5; n++) uploads.push(uploadIdOf(await openUpload(client, { roomId, content })));
  messages = [];
  for (let n = 0; n < 40; n++) {
    const event = await post(client);
    if (event.type === 'message.posted') messages.push(event.data.id);
  }
});
afterAll(async () => {
  client.close();
  await app.close();
});

/** What a command asks the database; the watch and the heartbeat ask in between now and then, so the least of some tries. */
async function cost(command: () => Promise<unknown>): Promise<number> {
  const costs: number[] = [];
  for (let tries = 0; tries < 5; tries++) {
    const before = countStatements();
    await command();
    costs.push(countStatements() - before);
  }
  return Math.min(...costs);
}

const ofMessage = () => ({ roomId, messageId: messages.pop() ?? '' });
const sent = async (answer: Promise<Response>, status: number) => expect((await answer).status).toBe(status);
const asked = async (answer: Promise<{ ok: boolean }>) => expect((await answer).ok).toBe(true);

/** The most statements, BEGIN and COMMIT among them, that a command may take. */
const budgets: [string, number, () => Promise<unknown>][] = [
  [
    'posting by socket',
    3,
    () => asked(socket.emitWithAck('message.post', { roomId, commandId: newId(), body: 'Hello' })),
  ],
  ['posting over HTTP', 4, () => post(client)],
  ['editing', 13, () => client.must(rooms.editMessage, { params: ofMessage(), body: { body: newId() } })],
  ['deleting', 15, () => client.must(rooms.deleteMessage, { params: ofMessage() })],
  ['reacting', 13, () => client.must(rooms.addReaction, { params: { ...ofMessage(), emoji: '👍' } })],
  ['marking as read', 6, () => client.must(rooms.markRead, { params: { roomId }, body: { seq: 1 } })],
  ['marking as read by socket', 5, () => asked(socket.emitWithAck('room.markRead', { roomId, seq: 2 }))],
  ['joining by socket', 4, () => asked(socket.emitWithAck('room.join', { roomId, after: -1 }))],
  ['resuming by socket', 3, () => asked(socket.emitWithAck('room.catchUp', { roomId, after: 0 }))],
  ['resuming over HTTP', 4, () => client.must(rooms.listEvents, { params: { roomId }, query: { after: 0 } })],
  ['the snapshot of a room', 15, () => client.must(rooms.getRoom, { params: { roomId } })],
  ['the list of rooms', 4, () => client.must(rooms.listRooms)],
  ['the list of projects', 4, () => client.must(projects.listProjects)],
  ['a project', 7, () => client.must(projects.getProject, { params: { projectId } })],
  ['the dashboard', 13, () => client.must(projects.getDashboard)],
  ['the people of a room', 4, () => client.must(rooms.listPeople, { params: { roomId } })],
  ['notifications', 5, () => client.must(listNotifications)],
  ['opening an upload', 9, () => sent(openUpload(client, { roomId, content }), 201)],
  ['the bytes of an upload', 20, () => sent(sendBytes(client, uploads.pop() ?? '', 0, content), 204)],
  ['who I am', 3, () => client.must(me)],
];

test.each(budgets)('U01 U07 %s stays within %d statements', async (_what, budget, command) => {
  expect(await cost(command)).toBeLessThanOrEqual(budget);
});

test('U01 U07 lists ask as often for many as for one', async () => {
  const [other, guest] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await projectOf(other, guest);
  const lists = {
    rooms: () => other.must(rooms.listRooms),
    projects: () => other.must(projects.listProjects),
    dashboard: () => other.must(projects.getDashboard),
    notifications: () => other.must(listNotifications),
  };
  const costs = async () => {
    const all: Record<string, number> = {};
    for (const [name, list] of Object.entries(lists)) all[name] = await cost(list);
    return all;
  };
  const one = await costs();
  for (let n = 0; n < 8; n++) {
    const { roomId: another } = await projectOf(other, guest);
    await post(guest, another);
  }
  expect(await costs()).toEqual(one);
  expect((await other.must(projects.listProjects)).items.length).toBe(9);
});

test('operators see every stage of the engine move: batches, queue, publishing, resuming, sockets, cut readers', async () => {
  const figures = async () => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return (name: string) => Number(new RegExp(`^safesend_${name} (.+)$`, 'm').exec(text)?.[1]);
  };
  const before = await figures();
  const watching = await freelancer.socket();
  await asked(watching.emitWithAck('room.join', { roomId, after: 0 }));
  await post(client);
  const names = ['commit_batch_size_sum', 'commit_seconds_count', 'queue_seconds_count', 'publish_seconds_count'];
  const moving = [...names, 'resume_pages_total', 'statements_total', 'sockets', 'seats'];
  const still = async () => {
    const after = await figures();
    return moving.filter((name) => !(after(name) > before(name)));
  };
  await expect.poll(still).toEqual([]);
  // That it moves when a reader is cut is told by T-F12.
  expect(before('readers_cut_total')).toBe(0);
  watching.disconnect();
});

test('G12 when a crowd changes at once, everybody is told of each, and the database is asked as for one', async () => {
  const others = await Promise.all(Array.from({ length: 24 }, () => signUp(app, 'freelancer')));
  const shared: string[] = [];
  for (const other of others) shared.push((await projectOf(client, other)).roomId);
  const sockets = await Promise.all(others.map((it) => it.socket()));
  const away = new Set<string>();
  for (const room of shared) await asked(socket.emitWithAck('room.join', { roomId: room, after: -1 }));
  socket.on('room.presence', ({ userId, status }) => status === 'away' && away.add(userId));
  const before = countStatements();
  await Promise.all(sockets.map((it) => asked(it.emitWithAck('presence.set', { status: 'away' }))));
  await expect.poll(() => others.every(({ id }) => away.has(id))).toBe(true);
  // One by one it would be four for each of them.
  expect(countStatements() - before).toBeLessThan(50);
  for (const it of others) it.close();
});
