import { block, changeProfile, register, unblock } from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { reduceRoom } from '@safesend/shared/rooms/reduce.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, send, signUp, startTwoApps, valueOf, type Person, type TestApp } from './harness.ts';

let app: TestApp;
/** A second process: what one person switches at the first shows at the other. */
let peer: TestApp;
beforeAll(async () => {
  [app, peer] = await startTwoApps();
});
afterAll(() => Promise.all([app.close(), peer.close()]));

async function pair(kind: 'project' | 'direct') {
  const [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  const { roomId } = await projectOf(client, freelancer);
  if (kind === 'project') return { client, freelancer, roomId };
  const direct = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
  return { client, freelancer, roomId: direct.roomId };
}

const post = async (person: Person, roomId: string, body: string) =>
  (await person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } })).event;
const readTo = (person: Person, roomId: string, seq: number) =>
  person.must(rooms.markRead, { params: { roomId }, body: { seq } });
const snapshot = (person: Person, roomId: string) => person.must(rooms.getRoom, { params: { roomId } });
const switchReceipts = (person: Person, readReceipts: boolean) =>
  person.must(changeProfile, { body: { readReceipts } });

/** How far `viewer` may know `reader` to have read. */
async function shown(viewer: Person, reader: Person, roomId: string): Promise<number | undefined> {
  return (await snapshot(viewer, roomId)).reads.find(({ userId }) => userId === reader.id)?.seq;
}

async function unreadOf(person: Person, roomId: string): Promise<number | undefined> {
  return (await person.must(rooms.listRooms)).items.find(({ id }) => id === roomId)?.unread;
}

/** Everything a person's open room is told of reading. */
async function listenToReads(person: Person, roomId: string) {
  const socket = await person.at(`http://127.0.0.1:${peer.port}`).socket();
  const heard: { userId: string; seq: number }[] = [];
  socket.on('room.reads', ({ roomId: of, ...mark }) => void (of === roomId && heard.push(mark)));
  const joined = valueOf(await socket.emitWithAck('room.join', { roomId, after: -1 }));
  return { heard, socket, joined };
}

test.each(['project', 'direct'] as const)(
  'UX 17 in a %s room, whoever switched read receipts off is seen by nobody and sees nobody',
  async (kind) => {
    const { client, freelancer, roomId } = await pair(kind);
    const first = await post(client, roomId, 'Have you seen this?');
    await readTo(freelancer, roomId, first.seq);
    expect(await shown(client, freelancer, roomId), 'on by default').toBe(first.seq);

    const { user } = await switchReceipts(freelancer, false);
    expect(user.readReceipts).toBe(false);
    const mine = await listenToReads(freelancer, roomId);
    const theirs = await listenToReads(client, roomId);
    const second = await post(client, roomId, 'And this?');
    await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq: second.seq } });
    await expect
      .poll(() => mine.heard, { message: 'his own devices follow' })
      .toContainEqual({ userId: freelancer.id, seq: second.seq });
    const third = await post(freelancer, roomId, 'An answer');
    await post(freelancer, roomId, 'and more');
    await readTo(client, roomId, third.seq);
    await expect.poll(() => theirs.heard).toEqual([{ userId: client.id, seq: third.seq }]);
    expect(mine.heard.map(({ userId }) => userId)).toEqual([freelancer.id]);

    expect(await shown(freelancer, client, roomId), 'what the log shows of her').toBe(second.seq);
    expect(await unreadOf(freelancer, roomId)).toBe(0);
    const fifth = await post(client, roomId, 'One more');
    expect(await unreadOf(freelancer, roomId), 'his own counts go on').toBe(1);
    await readTo(freelancer, roomId, fifth.seq);
    expect(await unreadOf(freelancer, roomId)).toBe(0);
    expect(await shown(client, freelancer, roomId), 'no farther than he wrote').toBe(fifth.seq - 1);
    for (const { socket } of [mine, theirs]) socket.disconnect();
  },
);

test('UX 17 switching read receipts is told to open rooms at once, and does not reach people who have none', async () => {
  const { client, freelancer, roomId } = await pair('project');
  const joined = await shown(client, freelancer, roomId);
  const event = await post(client, roomId, 'Read me');
  await readTo(freelancer, roomId, event.seq);
  const { heard, socket } = await listenToReads(client, roomId);
  await switchReceipts(freelancer, false);
  await expect.poll(() => heard).toEqual([{ userId: freelancer.id, seq: joined }]);
  expect(await shown(client, freelancer, roomId)).toBe(joined);
  await switchReceipts(freelancer, true);
  await expect.poll(() => heard.at(-1)).toEqual({ userId: freelancer.id, seq: event.seq });
  await switchReceipts(client, false);
  const before = heard.length;
  await switchReceipts(freelancer, false);
  await switchReceipts(freelancer, true);
  await readTo(freelancer, roomId, event.seq);
  await readTo(client, roomId, event.seq);
  await expect.poll(() => heard.slice(before)).toEqual([{ userId: client.id, seq: event.seq }]);
  socket.disconnect();
});

test('UX 17 what moved between the snapshot and the seat comes with the seat, as its reader may know it', async () => {
  const { client, freelancer, roomId } = await pair('project');
  const event = await post(client, roomId, 'Read me');
  await readTo(freelancer, roomId, event.seq);
  await switchReceipts(freelancer, false);
  const hidden = await snapshot(client, roomId);
  await switchReceipts(freelancer, true);
  const { socket, joined } = await listenToReads(client, roomId);
  expect(joined.reads).toEqual((await snapshot(client, roomId)).reads);
  expect(joined.reads).not.toEqual(hidden.reads);
  await switchReceipts(freelancer, false);
  const again = await socket.emitWithAck('room.join', { roomId, after: hidden.headSeq, epoch: hidden.epoch });
  expect(valueOf(again).reads).toEqual(hidden.reads);
  socket.disconnect();
});

test('F12 UX 17 a block ends what either of the two is told of the other’s reading, at every door, and lifting it ends that', async () => {
  const { client, freelancer, roomId } = await pair('direct');
  const said = await post(freelancer, roomId, 'Why do you not answer?');
  await client.must(block, { params: { userId: freelancer.id } });
  const mine = await client.socket();
  const { heard, socket } = await listenToReads(freelancer, roomId);
  const all = { roomId, after: -1 };
  await mine.emitWithAck('room.join', all);
  expect(valueOf(await mine.emitWithAck('room.markRead', { roomId, seq: said.seq })).readSeq).toBe(said.seq);
  // What he is told of his own reading follows whatever he was told of the other's.
  await readTo(freelancer, roomId, said.seq);
  await expect.poll(() => heard).toContainEqual({ userId: freelancer.id, seq: said.seq });
  expect(heard.filter(({ userId }) => userId === client.id)).toEqual([]);
  const toldOf = ({ reads }: { reads: readonly { userId: string; seq: number }[] }) =>
    reads.find(({ userId }) => userId === client.id)?.seq ?? 0;
  expect(toldOf(await snapshot(freelancer, roomId))).toBeLessThan(said.seq);
  expect(toldOf(valueOf(await socket.emitWithAck('room.join', all)))).toBeLessThan(said.seq);
  expect(toldOf(await snapshot(client, roomId)), 'his own counts go on').toBe(said.seq);

  await client.must(unblock, { params: { userId: freelancer.id } });
  await expect.poll(() => heard).toContainEqual({ userId: client.id, seq: said.seq });
  expect(toldOf(valueOf(await socket.emitWithAck('room.join', all)))).toBe(said.seq);
  heard.length = 0;
  await client.must(block, { params: { userId: freelancer.id } });
  await switchReceipts(client, false);
  await switchReceipts(client, true);
  await readTo(freelancer, roomId, said.seq - 1);
  await expect.poll(() => heard).toContainEqual({ userId: freelancer.id, seq: said.seq - 1 });
  expect(
    heard.filter(({ userId, seq }) => userId === client.id && seq >= said.seq),
    'nor by a switch',
  ).toEqual([]);
  for (const it of [mine, socket]) it.disconnect();
});

test('L1 UX 17 without read receipts the marks a snapshot shows still follow from the one before and the facts', async () => {
  const { client, freelancer, roomId } = await pair('project');
  await switchReceipts(freelancer, false);
  const before = await snapshot(client, roomId);
  const first = await post(client, roomId, 'One');
  await readTo(freelancer, roomId, first.seq);
  await post(freelancer, roomId, 'Two');
  const last = await post(client, roomId, 'Three');
  await readTo(freelancer, roomId, last.seq);
  const { events } = await client.must(rooms.listEvents, { params: { roomId }, query: { after: before.headSeq } });
  const { reads } = events.reduce(reduceRoom, before);
  const after = await snapshot(client, roomId);
  expect(new Map(reads.map(({ userId, seq }) => [userId, seq]))).toEqual(
    new Map(after.reads.map(({ userId, seq }) => [userId, seq])),
  );
});

test('UX 17 switching read receipts is a fact of the inbox, so that every device knows', async () => {
  const { freelancer } = await pair('project');
  await switchReceipts(freelancer, false);
  await switchReceipts(freelancer, false);
  const { events } = await freelancer.must(rooms.listEvents, { params: { roomId: freelancer.inboxRoomId } });
  const changes = events.flatMap((event) => (event.type === 'account.changed' ? [event.data.readReceipts] : []));
  expect(changes).toEqual([false]);
});

test('UX 16 a time zone is one that exists, under the one name it has today', async () => {
  const person = await signUp(app);
  expect(person.user.timeZone).toBeNull();
  const set = (timeZone: string) => person.call(changeProfile, { body: { timeZone } });
  expect((await set('Europe/Lisbon')).body.user.timeZone).toBe('Europe/Lisbon');
  const [calcutta, kolkata] = [await set('Asia/Calcutta'), await set('Asia/Kolkata')];
  for (const it of [calcutta, kolkata]) expect(it.body.user.timeZone).toBe('Asia/Kolkata');
  expect((await set('Europe/Kiev')).body.user.timeZone).toBe('Europe/Kyiv');
  expect((await set('UTC')).body.user.timeZone).toBe('UTC');
  for (const wrong of ['', 'Mars/Olympus', '+02:00', 'Europe/Berlin\0', 'x'.repeat(65)])
    expect((await set(wrong)).status, wrong).toBe(wrong.includes('\0') ? 400 : 422);
  expect((await person.must(changeProfile, { body: {} })).user.timeZone).toBe('UTC');
  const newcomer = { email: `${newId()}@example.com`, username: `n${newId().slice(0, 8)}`, displayName: 'Nadia' };
  const answer = await send(person.base, register, {
    body: { ...newcomer, password: 'correct horse battery staple', role: 'client', timeZone: 'America/Lima' },
  });
  expect(answer.body.user.timeZone).toBe('America/Lima');
});

test('UX 16 L6 the profiles of a room, time zones included, are for the people in it alone', async () => {
  const { client, freelancer, roomId } = await pair('project');
  await freelancer.must(changeProfile, {
    body: { timeZone: 'Asia/Tokyo', headline: 'Brand design', bio: 'Calm sites' },
  });
  const { items } = await client.must(rooms.listPeople, { params: { roomId } });
  expect(items).toEqual([
    expect.objectContaining({ userId: client.id, timeZone: null }),
    {
      userId: freelancer.id,
      username: freelancer.user.username,
      displayName: freelancer.user.displayName,
      avatarId: null,
      headline: 'Brand design',
      bio: 'Calm sites',
      timeZone: 'Asia/Tokyo',
    },
  ]);
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  for (const outsider of [freelancer, await signUp(app)])
    expect((await outsider.call(rooms.listPeople, { params: { roomId } })).status).toBe(404);
  expect(JSON.stringify(await client.must(rooms.listPeople, { params: { roomId } }))).not.toContain('Asia/Tokyo');
  const { items: members } = await client.must(rooms.listMembers, { params: { roomId } });
  expect(Object.keys(members[0] ?? {}).sort()).toEqual(['displayName', 'joinedSeq', 'role', 'userId', 'username']);
});

test('F12 L1 a direct conversation closes for both at once when one blocks the other, and opens when nobody does any more', async () => {
  const { client, freelancer, roomId } = await pair('direct');
  const before = await snapshot(freelancer, roomId);
  const there = await freelancer.at(`http://127.0.0.1:${peer.port}`).socket();
  const heard: string[] = [];
  there.on('room.events', ({ events }) => void heard.push(...events.map(({ type }) => type)));
  await there.emitWithAck('room.join', { roomId, after: before.headSeq });
  const closed = async () => [(await snapshot(client, roomId)).isClosed, (await snapshot(freelancer, roomId)).isClosed];
  const blockOf = (userId: string) => ({ params: { userId } });
  expect(await closed()).toEqual([false, false]);
  await client.must(block, blockOf(freelancer.id));
  await expect.poll(() => heard).toEqual(['direct.closed']);
  expect(await closed()).toEqual([true, true]);
  // Said once, whoever blocks whom besides; and it stays closed while one of the two wants it so.
  await freelancer.must(block, blockOf(client.id));
  await client.must(unblock, blockOf(freelancer.id));
  expect(await closed()).toEqual([true, true]);
  await freelancer.must(unblock, blockOf(client.id));
  await expect.poll(() => heard).toEqual(['direct.closed', 'direct.reopened']);
  expect(await closed()).toEqual([false, false]);
  await Promise.all([client.must(block, blockOf(freelancer.id)), freelancer.must(block, blockOf(client.id))]);
  await expect.poll(() => heard.length).toBe(3);
  there.disconnect();
  const log = await freelancer.must(rooms.listEvents, { params: { roomId }, query: { after: before.headSeq } });
  expect(log.events.map(({ type }) => type)).toEqual(['direct.closed', 'direct.reopened', 'direct.closed']);
});
