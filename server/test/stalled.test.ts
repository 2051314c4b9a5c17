import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinProject, projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
beforeAll(async () => {
  app = await startTestApp();
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
});
afterAll(() => app.close());

const post = (person: Person, roomId: string, body: string) =>
  person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });

/** Stops reading from the network under a socket, as a phone in a tunnel does. */
function stall(socket: Awaited<ReturnType<Person['socket']>>): void {
  const transport = socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void } } };
  transport.ws._socket.pause();
}

test('T-F12 G13 a reader that stops reading is cut, and nobody else notices', async () => {
  const { roomId } = await projectOf(client, freelancer);
  for (let n = 0; n < 28; n++) await post(client, roomId, `${n} `.padEnd(9_900, 'x'));
  const stalled = await freelancer.socket();
  const watching = await client.socket();
  await watching.emitWithAck('room.join', { roomId, after: -1 });
  stall(stalled);
  for (let n = 0; n < 60; n++) stalled.emit('room.catchUp', { roomId, after: 0 }, () => undefined);
  const sockets = () => app.io.of('/').sockets.size;
  await expect.poll(sockets, { timeout: 10_000 }).toBe(1);
  expect(await (await fetch(`${app.url}/metrics`)).text()).toMatch(/^safesend_readers_cut_total 1$/m);
  const seqs: number[] = [];
  watching.on('room.events', ({ events }) => seqs.push(...events.map(({ seq }) => seq)));
  const { event } = await post(client, roomId, 'still here');
  await expect.poll(() => seqs).toEqual([event.seq]);
  client.close();
  freelancer.close();
});

test('L7 A person who comes back from his joining on sees nothing of the time between, the snapshot included', async () => {
  const { id: projectId, roomId } = await projectOf(client);
  const guest = await signUp(app, 'freelancer');
  await joinProject(client, guest, projectId, 'join');
  await post(client, roomId, 'seen');
  await client.must(rooms.removeMember, { params: { roomId, userId: guest.id } });
  await post(client, roomId, 'hidden');
  await joinProject(client, guest, projectId, 'join');
  await post(client, roomId, 'seen again');
  const { messages } = await guest.must(rooms.getRoom, { params: { roomId } });
  expect(messages.map(({ body }) => body)).toEqual(['seen', 'seen again']);
});

test('T-B10 a forged cursor is refused in words', async () => {
  const forged = ['2024-01-01(xxxxxxxxxxxx) ', '2024-01-01T00:00:00.000Z ', '+123456-01-01T00:00:00.0 '].map(
    (it) => it + '-'.repeat(36),
  );
  for (const text of forged) {
    const cursor = Buffer.from(text).toString('base64url');
    expect((await client.call(rooms.listRooms, { query: { cursor } })).status, text).toBe(422);
  }
});

test('G11 one emoji is one reaction, and a message holds twenty of them', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const { event } = await post(client, roomId, 'react to this');
  const messageId = event.type === 'message.posted' ? event.data.id : '';
  const react = (person: Person, emoji: string) =>
    person.call(rooms.addReaction, { params: { roomId, messageId, emoji } });
  for (const none of ['👍👍', '7', '#', '*', '\u200d', '\ufe0f'])
    expect((await react(client, none)).status, none).toBe(422);
  for (const one of ['7️⃣', '🇩🇪']) {
    expect((await react(client, one)).status, one).toBe(204);
    expect((await client.call(rooms.removeReaction, { params: { roomId, messageId, emoji: one } })).status).toBe(204);
  }
  expect((await react(client, '👩‍👩‍👧')).status).toBe(204);
  for (let n = 0; n < 19; n++) expect((await react(client, String.fromCodePoint(0x1f600 + n))).status).toBe(204);
  expect((await react(client, '🎉')).status).toBe(422);
  expect((await react(freelancer, '👩‍👩‍👧')).status).toBe(204);
});

test('T-B32 a body that is not UTF-8 is refused', async () => {
  const { roomId } = await projectOf(client);
  const bytes = Buffer.concat([
    Buffer.from(`{"commandId":"${newId()}","body":"`),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}'),
  ]);
  const url = `http://127.0.0.1:${app.port}/api/v1/rooms/${roomId}/messages`;
  const headers = { 'content-type': 'application/json', cookie: client.cookie };
  expect((await fetch(url, { method: 'POST', headers, body: bytes })).status).toBe(400);
});
