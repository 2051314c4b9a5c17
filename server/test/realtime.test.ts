import { newId } from '@safesend/shared/ids.ts';
import * as accounts from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { JoinedRoom } from '@safesend/shared/socket.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connect,
  connected,
  joinProject,
  projectOf,
  send,
  signUp,
  startTestApp,
  startTwoApps,
  valueOf,
  type Person,
  type TestApp,
  type TestSocket,
} from './harness.ts';

let a: TestApp;
let b: TestApp;
let lone: TestApp;
const baseOf = ({ port }: TestApp) => `http://127.0.0.1:${port}`;

beforeAll(async () => {
  [a, b] = await startTwoApps();
  // The same database without Redis: what it learns of the others, it learns from Postgres alone.
  lone = await startTestApp({ databaseUrl: a.databaseUrl });
});
afterAll(() => Promise.all([a, b, lone].map((app) => app.close())));

async function room(): Promise<{ client: Person; freelancer: Person; roomId: string; projectId: string }> {
  const [client, freelancer] = await Promise.all([signUp(a, 'client'), signUp(a, 'freelancer')]);
  const { id: projectId, roomId } = await projectOf(client, freelancer);
  return { client, freelancer, roomId, projectId };
}

const post = (person: Person, roomId: string, body: string) =>
  person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });

/** Listens to one room and keeps what came, in the order in which it came. */
async function listen(
  person: Person,
  roomId: string,
  app: TestApp,
  after = -1,
): Promise<{ socket: TestSocket; seqs: number[]; events: RoomEvent[]; joined: JoinedRoom }> {
  const socket = await person.at(baseOf(app)).socket();
  const events: RoomEvent[] = [];
  socket.on('room.events', (message) => void (message.roomId === roomId && events.push(...message.events)));
  const joined = valueOf(await socket.emitWithAck('room.join', { roomId, after }));
  return {
    socket,
    events,
    joined,
    get seqs() {
      return events.map(({ seq }) => seq);
    },
  };
}

test('F02 F12 G02 T-F20 two processes: everybody receives the same facts in the same order', async () => {
  const { client, freelancer, roomId } = await room();
  const listeners = await Promise.all([
    listen(client, roomId, a),
    listen(client, roomId, b),
    listen(freelancer, roomId, a),
    listen(freelancer, roomId, b),
  ]);
  const [onA, onB] = [client.at(baseOf(a)), freelancer.at(baseOf(b))];
  await Promise.all(Array.from({ length: 60 }, (_, n) => post(n % 2 ? onA : onB, roomId, `text ${n}`)));
  for (const listener of listeners) {
    await expect.poll(() => listener.seqs.length, { timeout: 10_000 }).toBe(60);
    expect(listener.seqs).toEqual(listener.seqs.toSorted((x, y) => x - y));
    expect(listener.seqs[0]).toBe(listener.joined.headSeq + 1);
    listener.socket.disconnect();
  }
});

test('G6 T-F1 a process that no publication reaches finds committed facts in the log within its poll', async () => {
  const { client, freelancer, roomId } = await room();
  const far = await listen(freelancer, roomId, lone);
  for (let n = 0; n < 5; n++) await post(client, roomId, `text ${n}`);
  await expect.poll(() => far.seqs, { timeout: 5_000 }).toEqual([1, 2, 3, 4, 5].map((n) => far.joined.headSeq + n));
  far.socket.disconnect();
});

test('X3 T-F19 a fact that commits while a socket joins is seen exactly once, as backlog or live', async () => {
  const { client, freelancer, roomId } = await room();
  for (let trial = 0; trial < 20; trial++) {
    const after = (await freelancer.must(rooms.getRoom, { params: { roomId } })).headSeq;
    const socket = await freelancer.socket();
    const seen = new Set<number>();
    socket.on('room.events', ({ events }) => events.forEach(({ seq }) => seen.add(seq)));
    const [joined] = await Promise.all([
      socket.emitWithAck('room.join', { roomId, after }),
      post(client, roomId, `text ${trial}`),
      post(client, roomId, 'again'),
    ]);
    valueOf(joined).events.forEach(({ seq }) => seen.add(seq));
    await expect.poll(() => [...seen].sort((x, y) => x - y)).toEqual([after + 1, after + 2]);
    socket.disconnect();
  }
});

test.each([
  ['the process that handles it', () => a],
  ['another process', () => b],
  ['a process without Redis', () => lone],
])('L7 T-A4 a member who is removed receives nothing after it, at %s', async (_, processOf) => {
  const { client, freelancer, roomId } = await room();
  const there = await listen(freelancer, roomId, processOf());
  const removed: string[] = [];
  there.socket.on('room.removed', ({ roomId: room, reason }) => void (room === roomId && removed.push(reason)));
  await post(client, roomId, 'you may read this');
  await expect.poll(() => there.events.length, { timeout: 5_000 }).toBe(1);
  const removal = client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  await removal;
  await Promise.all(Array.from({ length: 30 }, (_, n) => post(client, roomId, `secret ${n}`)));
  await expect.poll(() => removed, { timeout: 5_000 }).toEqual(['removed']);
  expect(JSON.stringify(there.events)).not.toContain('secret');
  expect(there.events).toHaveLength(1);
  expect(await there.socket.emitWithAck('room.catchUp', { roomId, after: 1 })).toMatchObject({
    ok: false,
    error: { code: 'missing' },
  });
  expect(await there.socket.emitWithAck('room.join', { roomId, after: -1 })).toMatchObject({
    ok: false,
    error: { code: 'missing' },
  });
  expect((await freelancer.call(rooms.getRoom, { params: { roomId } })).status).toBe(404);
  there.socket.disconnect();
});

test('L7 T-A19 a send that races with the removal of its author never lands behind it', async () => {
  for (let trial = 0; trial < 8; trial++) {
    const { client, freelancer, roomId } = await room();
    await Promise.all([
      ...Array.from({ length: 4 }, () =>
        freelancer.call(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: 'race' } }),
      ),
      client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } }),
      ...Array.from({ length: 4 }, () =>
        freelancer
          .at(baseOf(b))
          .call(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: 'race' } }),
      ),
    ]);
    const { events } = await client.must(rooms.listEvents, { params: { roomId }, query: { after: 0, limit: 500 } });
    const removal = events.find(({ type }) => type === 'member.removed')?.seq ?? 0;
    expect(events.filter(({ seq, actorId }) => seq > removal && actorId === freelancer.id)).toEqual([]);
  }
});

test('T-A5 removed while away and let in again from his joining: the time between stays unseen', async () => {
  const { client, freelancer, roomId, projectId } = await room();
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  await post(client, roomId, 'while you were gone');
  await joinProject(client, freelancer, projectId, 'join');
  const { events } = await freelancer.must(rooms.listEvents, {
    params: { roomId },
    query: { before: 10_000, limit: 500 },
  });
  expect(JSON.stringify(events)).not.toContain('while you were gone');
});

const endings: [string, (person: Person) => Promise<unknown>][] = [
  ['signing out', (person) => person.must(accounts.logout)],
  [
    'a password reset elsewhere',
    async (person) => {
      const other = await signUp(a);
      expect(other.id).not.toBe(person.id);
      await person.must(accounts.changePassword, {
        body: { currentPassword: 'correct horse battery staple', password: 'another fine passphrase' },
      });
      await person.must(accounts.logout);
    },
  ],
];
test.each(endings)('G14 T-A9 %s cuts the sockets on every process within five seconds', async (_, end) => {
  const { freelancer, client, roomId } = await room();
  const sockets = await Promise.all([a, b, lone].map((app) => listen(freelancer, roomId, app)));
  const reasons: string[] = [];
  for (const { socket } of sockets) socket.on('session.ended', ({ reason }) => void reasons.push(reason));
  await end(freelancer);
  await expect
    .poll(() => sockets.map(({ socket }) => socket.connected), { timeout: 5_000 })
    .toEqual([false, false, false]);
  await post(client, roomId, 'after');
  expect(sockets.flatMap(({ events }) => events)).toEqual([]);
  expect(reasons.length).toBe(3);
  const again = connect(freelancer.base, { cookie: freelancer.cookie, origin: freelancer.base });
  await expect(connected(again)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
});

test('X13 a socket that has not joined hears how far its rooms are, and reads follow on every device', async () => {
  const { client, freelancer, roomId } = await room();
  const heads: number[] = [];
  const phone = await freelancer.at(baseOf(b)).socket();
  phone.on('room.head', (head) => void (head.roomId === roomId && heads.push(head.headSeq)));
  const reads: number[] = [];
  phone.on('room.reads', ({ userId, seq }) => void (userId === freelancer.id && reads.push(seq)));
  const { event } = await post(client, roomId, 'hello');
  // That he joined may reach the other process only now.
  await expect.poll(() => heads.filter((seq) => seq >= event.seq)).toEqual([event.seq]);
  const unread = async () => (await freelancer.must(rooms.listRooms)).items.find(({ id }) => id === roomId)?.unread;
  expect(await unread()).toBe(1);
  const desk = await freelancer.socket();
  expect(valueOf(await desk.emitWithAck('room.markRead', { roomId, seq: event.seq }))).toEqual({ readSeq: event.seq });
  await expect.poll(() => reads).toEqual([event.seq]);
  expect(await unread()).toBe(0);
  expect(valueOf(await desk.emitWithAck('room.markRead', { roomId, seq: 1 }))).toEqual({ readSeq: event.seq });
  await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq: event.seq - 1 } });
  expect(await unread()).toBe(1);
  freelancer.close();
  phone.disconnect();
});

test('F03 G12 typing and presence reach the others in the room and never the log', async () => {
  const { client, freelancer, roomId } = await room();
  const watching = await listen(client, roomId, a);
  const typing: [string, boolean][] = [];
  const presence: string[] = [];
  watching.socket.on('room.typing', (it) => void typing.push([it.userId, it.typing]));
  watching.socket.on('room.presence', (it) => void (it.userId === freelancer.id && presence.push(it.status)));
  const there = await listen(freelancer, roomId, b);
  const second = await listen(freelancer, roomId, b);
  await expect.poll(() => presence).toEqual(['online']);
  await there.socket.emitWithAck('room.typing', { roomId, typing: true });
  await expect.poll(() => typing).toEqual([[freelancer.id, true]]);
  await there.socket.emitWithAck('presence.set', { status: 'away' });
  there.socket.disconnect();
  await second.socket.emitWithAck('presence.set', { status: 'away' });
  await expect.poll(() => presence).toEqual(['online', 'away']);
  second.socket.disconnect();
  await expect.poll(() => presence, { timeout: 10_000 }).toEqual(['online', 'away', 'offline']);
  expect(watching.events).toEqual([]);
  watching.socket.disconnect();
});

test('G12 F03 who is blocked in a direct conversation cannot make it say that he types', async () => {
  const { client, freelancer } = await room();
  const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
  const watching = await listen(client, roomId, a);
  const typing: string[] = [];
  watching.socket.on('room.typing', (it) => void typing.push(it.userId));
  const there = await listen(freelancer, roomId, b);
  const type = () => there.socket.emitWithAck('room.typing', { roomId, typing: true });
  expect(await type()).toMatchObject({ ok: true });
  await expect.poll(() => typing).toEqual([freelancer.id]);
  await client.must(accounts.block, { params: { userId: freelancer.id } });
  expect(await type()).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  await client.must(accounts.unblock, { params: { userId: freelancer.id } });
  expect(await type()).toMatchObject({ ok: true });
  await expect.poll(() => typing).toEqual([freelancer.id, freelancer.id]);
  for (const { socket } of [watching, there]) socket.disconnect();
});

test('G12 whoever says that he is away and hangs up in one breath is gone, and leaves no seat behind', async () => {
  const { client, freelancer, roomId } = await room();
  const watching = await listen(client, roomId, a);
  const presence: string[] = [];
  watching.socket.on('room.presence', (it) => void (it.userId === freelancer.id && presence.push(it.status)));
  const leaving = await freelancer.at(`http://127.0.0.1:${b.port}`).socket();
  await expect.poll(() => presence).toEqual(['online']);
  leaving.emit('room.join', { roomId, after: 0 }, () => undefined);
  leaving.emit('presence.set', { status: 'away' }, () => undefined);
  leaving.disconnect();
  await expect.poll(() => presence.at(-1), { timeout: 10_000 }).toBe('offline');
  const metrics = await (await fetch(`http://127.0.0.1:${b.port}/metrics`)).text();
  expect(metrics).toMatch(/^safesend_seats\S* 0$/m);
  watching.socket.disconnect();
});

test('I06 UX 34 whoever is in a room hears of the time when the clock is moved and nothing else happens', async () => {
  const { client, roomId } = await room();
  const watching = await listen(client, roomId, b);
  const times: number[] = [];
  watching.socket.on('room.presence', (it) => void (it.roomId === roomId && times.push(Date.parse(it.at))));
  const { body } = await send(`http://127.0.0.1:${a.port}`, advanceClock, { body: { advanceSeconds: 3_600 } });
  await expect.poll(() => times.at(-1) ?? 0, { timeout: 15_000 }).toBeGreaterThanOrEqual(Date.parse(body.now));
  watching.socket.disconnect();
});

test('L7 a post that waits behind the deletion of its project is refused: nobody is in the room any more', async () => {
  const client = await signUp(a);
  for (let trial = 0; trial < 5; trial++) {
    const { id: projectId, roomId } = await projectOf(client);
    await Promise.all([
      client.must(projects.deleteProject, { params: { projectId } }),
      ...Array.from({ length: 4 }, () =>
        client.call(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: 'late' } }),
      ),
    ]);
    const types = await a.sql<{ type: string }>('select type from facts where room_id = $1 order by seq', [roomId]);
    expect(types.slice(types.findIndex(({ type }) => type === 'member.left')).map(({ type }) => type)).toEqual([
      'member.left',
    ]);
  }
});

test('G4 F11 another epoch (a restore) resets every reader, and a fresh snapshot continues', async () => {
  const { client, freelancer, roomId } = await room();
  const there = await listen(freelancer, roomId, b);
  const heads: string[] = [];
  there.socket.on('room.head', (head) => void (head.roomId === roomId && heads.push(head.epoch)));
  await a.sql(`update room_heads set epoch = 'restored' where room_id = $1`, [roomId]);
  await expect.poll(() => heads, { timeout: 5_000 }).toContain('restored');
  const { headSeq, epoch } = there.joined;
  expect(await there.socket.emitWithAck('room.catchUp', { roomId, after: headSeq, epoch })).toMatchObject({
    ok: false,
    error: { code: 'reset' },
  });
  const snapshot = await freelancer.must(rooms.getRoom, { params: { roomId } });
  expect(snapshot.epoch).toBe('restored');
  valueOf(await there.socket.emitWithAck('room.join', { roomId, after: snapshot.headSeq, epoch: snapshot.epoch }));
  const { event } = await post(client, roomId, 'life goes on');
  await expect.poll(() => there.seqs).toContain(event.seq);
  there.socket.disconnect();
});

test('L2 X23 R06 T-F21 a reader that follows a cursor while eight write never skips a fact', async () => {
  const { client, freelancer, roomId } = await room();
  let writing = true;
  const write = async (writer: number) => {
    for (let n = 0; n < 15; n++) await post(writer % 2 ? client : freelancer, roomId, `writer ${writer} text ${n}`);
  };
  const writers = Promise.all(Array.from({ length: 8 }, (_, n) => write(n))).finally(() => (writing = false));
  const seen: number[] = [];
  for (let last = false; !last;) {
    last = !writing;
    const { events } = await client.must(rooms.listEvents, {
      params: { roomId },
      query: { after: seen.at(-1) ?? 0, limit: 500 },
    });
    seen.push(...events.map(({ seq }) => seq));
  }
  await writers;
  expect(seen.filter((seq, at) => seq !== at + 1)).toEqual([]);
  const { headSeq } = await client.must(rooms.getRoom, { params: { roomId } });
  expect(seen.length).toBe(headSeq);
});
