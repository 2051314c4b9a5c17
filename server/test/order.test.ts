import { newId } from '@safesend/shared/ids.ts';
import type { FactType, RoomEvent } from '@safesend/shared/rooms/event.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustDrop } from './drops.ts';
import { joinProject, signUp, startTestApp, type Person, type TestApp, type TestSocket } from './harness.ts';
import { approve, beginFunding, drive, makeDeal, plan, submit } from './money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const post = (person: Person, roomId: string, body: string) =>
  person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });

/** One tab: everything of the room from its beginning, in the order in which it came. */
async function openTab(person: Person, roomId: string): Promise<{ socket: TestSocket; events: RoomEvent[] }> {
  const socket = await person.socket();
  const events: RoomEvent[] = [];
  socket.on('room.events', (message) => void (message.roomId === roomId && events.push(...message.events)));
  const joined = await socket.emitWithAck('room.join', { roomId, after: 0 });
  if (!joined.ok) throw new Error(joined.error.message);
  events.unshift(...joined.value.events);
  return { socket, events };
}

test('F04 F02 G02 messages, files, milestones, money and people stand in one order, the same in every tab of everybody', async () => {
  const deal = await makeDeal(app);
  const { client, freelancer, projectId, roomId } = deal;
  const tabs = await Promise.all([client, client, freelancer, freelancer].map((it) => openTab(it, roomId)));
  const { id: milestoneId } = await plan(deal);
  const late = await signUp(app);
  await Promise.all([
    post(client, roomId, 'What does it need?'),
    post(freelancer, roomId, 'Two weeks'),
    mustDrop(freelancer, { roomId }),
    joinProject(client, late, projectId),
    beginFunding(deal, milestoneId).then(({ id }) => drive(deal, id, 'succeed')),
    post(client, roomId, 'Good'),
  ]);
  const submissionId = await submit(deal, milestoneId);
  await Promise.all([approve(deal, milestoneId, submissionId), post(freelancer, roomId, 'Thank you')]);
  const log = async () =>
    (await client.must(rooms.listEvents, { params: { roomId }, query: { after: 0, limit: 500 } })).events;
  await expect.poll(async () => (await log()).map(({ type }) => type)).toContain('milestone.released');
  const order = (await log()).map(({ seq, type, hash }) => `${seq} ${type} ${hash}`);
  const types = new Set((await log()).map(({ type }) => type));
  const kinds: FactType[] = [
    'message.posted',
    'file.dropped',
    'milestone.planned',
    'milestone.funded',
    'member.joined',
  ];
  for (const kind of kinds) expect(types).toContain(kind);
  expect(order.map((it) => Number.parseInt(it, 10))).toEqual(order.map((_, at) => at + 1));
  for (const { socket, events } of tabs) {
    await expect.poll(() => events.length).toBeGreaterThanOrEqual(order.length);
    expect(events.slice(0, order.length).map(({ seq, type, hash }) => `${seq} ${type} ${hash}`)).toEqual(order);
    socket.disconnect();
  }
});

test('G03 L4 a message is acknowledged when it is in the database, and not while it is on its way there', async () => {
  const { client, freelancer, roomId } = await makeDeal(app);
  const socket = await client.socket();
  const listener = await openTab(freelancer, roomId);
  const before = listener.events.length;
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  // Whoever writes into the room waits behind this.
  await holder.query('begin');
  await holder.query('select 1 from room_heads where room_id = $1 for update', [roomId]);
  let acknowledged = false;
  const answer = socket.emitWithAck('message.post', { roomId, commandId: newId(), body: 'Is it there?' }).then((it) => {
    acknowledged = true;
    return it;
  });
  const waiting = () =>
    app.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`);
  await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0);
  const stored = () =>
    app.sql<{ seq: string }>(`select seq from facts where room_id = $1 and type = 'message.posted'`, [roomId]);
  expect([acknowledged, (await stored()).length, listener.events.length - before]).toEqual([false, 0, 0]);
  await holder.query('commit');
  await holder.end();
  const told = await answer;
  const [row] = await stored();
  expect(told).toMatchObject({ ok: true, value: { seq: Number(row?.seq) } });
  await expect.poll(() => listener.events.length - before).toBe(1);
  socket.disconnect();
  listener.socket.disconnect();
});
