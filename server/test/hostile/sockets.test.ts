import { newId } from '@safesend/shared/ids.ts';
import { listEvents } from '@safesend/shared/rooms/calls.ts';
import { toServer, type Answer, type ToServerName } from '@safesend/shared/socket.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp, type TestSocket } from '../harness.ts';
import { frame, RawSocket, type Frame } from './raw-socket.ts';

let app: TestApp;
let person: Person;
let roomId: string;
let socket: TestSocket;
/** How long a connection that says nothing was borne. */
let silence: Promise<number>;
const names = Object.keys(toServer) as ToServerName[];

beforeAll(async () => {
  app = await startTestApp();
  const silent = await RawSocket.open(app.port, { Origin: app.url, Cookie: 'x=y' });
  const since = performance.now();
  silence = silent.closed.then(() => performance.now() - since);
  person = await signUp(app);
  ({ roomId } = await projectOf(person));
});
beforeEach(async () => {
  socket = await person.socket();
});
afterEach(async () => {
  person.close();
  await expectAlive();
});
afterAll(() => app.close());
vi.setConfig({ testTimeout: 15_000 });

/** Nothing crashed, nothing was polluted, nothing was stored, and the next one is served. */
async function expectAlive(): Promise<void> {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  const fresh = await person.socket();
  expect(await fresh.emitWithAck('room.join', { roomId, after: -1 })).toMatchObject({ ok: true });
  fresh.disconnect();
  const { events } = await person.must(listEvents, { params: { roomId }, query: { after: 0 } });
  expect(events.map(({ type }) => type)).toEqual(['project.created', 'member.joined']);
}

const loose = () =>
  socket as unknown as { emit(...args: unknown[]): void; emitWithAck(...args: unknown[]): Promise<Answer<unknown>> };
const good = (): Record<ToServerName, Record<string, unknown>> => ({
  'room.join': { roomId, after: 0 },
  'room.catchUp': { roomId, after: 0 },
  'room.leave': { roomId },
  'message.post': { roomId, commandId: newId(), body: 'never' },
  'room.markRead': { roomId, seq: 1 },
  'room.typing': { roomId, typing: true },
  'presence.set': { status: 'online' },
});

test.each(names)(
  'T-B1 %s without an acknowledgement, with something else in its place, with 0, 1 and 20 arguments',
  async (name) => {
    const payload = good()[name];
    for (const args of [
      [],
      [payload],
      [payload, 'ack'],
      [payload, {}],
      [payload, null],
      Array.from({ length: 20 }, () => payload),
    ]) {
      loose().emit(name, ...args);
    }
    for (const args of [[], [payload, 'more'], Array.from({ length: 20 }, () => payload)]) {
      expect(await loose().emitWithAck(name, ...args), JSON.stringify(args)).toMatchObject({
        ok: false,
        error: { code: 'invalid' },
      });
    }
    expect(socket.connected).toBe(true);
  },
);

const wrong = [null, undefined, 0, -1, 1.5, 1e21, '', 'x', 'null', true, false, [], [[]], [{}], {}];
test.each(names)('T-B2 T06 %s with anything but its payload is refused', async (name) => {
  const payload = good()[name];
  const nested = Object.keys(payload).flatMap((key) =>
    [null, 7, '', [], {}, [roomId], { $ne: null }].map((value) => ({ ...payload, [key]: value })),
  );
  for (const value of [...wrong, ...nested, { ...payload, extra: 1 }]) {
    if (toServer[name].safeParse(value).success) continue;
    expect(await loose().emitWithAck(name, value), JSON.stringify(value)).toMatchObject({
      ok: false,
      error: { code: 'invalid' },
    });
  }
});

test.each(names)('T-B3 T-B5 %s refuses towers of JSON and keys that reach into prototypes', async (name) => {
  const payload = good()[name];
  const values: unknown[] = [
    tower(33),
    tower(1_000),
    tower(3_000),
    { ...payload, roomId: tower(1_000) },
    { ...payload, body: towerOfObjects(1_000) },
  ];
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    values.push(hostile(key, payload), { ...payload, deep: [{ deeper: hostile(key, {}) }] });
  }
  for (const value of values) {
    expect(await loose().emitWithAck(name, value)).toMatchObject({ ok: false, error: { code: 'malformed' } });
  }
  for (const id of [
    '__proto__',
    'constructor',
    'toString',
    `user:${person.id}`,
    `session:${newId()}`,
    `seat:${roomId}:${person.id}`,
    'x'.repeat(10_240),
    [roomId],
    { roomId },
    7,
  ]) {
    if ('roomId' in payload)
      expect(await loose().emitWithAck(name, { ...payload, roomId: id })).toMatchObject({
        ok: false,
        error: { code: 'invalid' },
      });
  }
});

function tower(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}
function towerOfObjects(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}
/** `key` as an own key, as only a parser makes it. */
function hostile(key: string, payload: object): object {
  return JSON.parse(
    `${JSON.stringify(payload).slice(0, -1)}${Object.keys(payload).length > 0 ? ',' : ''}${JSON.stringify(key)}:{"polluted":true}}`,
  ) as object;
}

const texts: [string, string][] = [
  ['a tower deeper than a frame may parse', `42["message.post",${'['.repeat(30_000)}${']'.repeat(30_000)}]`],
  ['a tower with an acknowledgement', `421["message.post",${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}]`],
  ['an event named 10 KB', `42["${'x'.repeat(10_240)}",{}]`],
  ['an event named by an emoji', '42["🎉",{}]'],
  ['an event named by a number', '42[7,{}]'],
  ['an event named __proto__', '420["__proto__",{"polluted":true}]'],
  ['an event named constructor', '420["constructor",{"prototype":{"polluted":true}}]'],
  ['an event named error', '42["error",{}]'],
  ['an event named newListener', '42["newListener",{}]'],
  ['an acknowledgement nobody asked for', '431[{"ok":true}]'],
  ['a very long acknowledgement id', '42999999999999999999["room.leave",{}]'],
];
test.each(texts)('T-B3 T-B6 %s is ignored or cut off', async (_, text) => {
  const raw = await RawSocket.introduced(app.port, person.cookie);
  raw.send(text);
  raw.send('4277["presence.set",{"status":"online"}]');
  await Promise.race([raw.waitFor('4377['), raw.closed]);
  raw.end();
  await raw.closed;
});

const cutting: [string, string][] = [
  ['an event named disconnect', '42["disconnect",{}]'],
  ['an event named connect_error', '42["connect_error",{}]'],
  ['an unknown packet type', '49["room.join"]'],
  ['an unknown packet type below', '9hello'],
  ['no array at all', '42{"room.join":1}'],
  ['something that is not JSON', '42["room.join",'],
  ['attachments that never come', '4510-["message.post",{"_placeholder":true,"num":0}]'],
  ['eleven attachments', '4511-["message.post",{"_placeholder":true,"num":0}]'],
  ['an acknowledgement in parts', '4610-[{"_placeholder":true,"num":0}]'],
  ['attachments without a number', '45-["message.post",{}]'],
];
test.each(cutting)('T-B4 T-B6 %s ends the connection', async (_, text) => {
  const raw = await RawSocket.introduced(app.port, person.cookie);
  raw.send(text);
  await raw.closed;
});

const frames: [string, string | Buffer, Frame, number | null][] = [
  ['text that is not UTF-8', Buffer.from([0x34, 0x32, 0xff, 0xfe, 0xc0]), {}, 1007],
  ['an opcode that does not exist', 'x', { opcode: 3 }, 1002],
  ['an unmasked frame', '42["room.join"]', { masked: false }, 1002],
  ['a reserved bit', 'x', { reserved: true }, 1002],
  ['a ping of 126 bytes', 'x'.repeat(126), { opcode: 9 }, 1002],
  ['a ping in parts', 'x', { opcode: 9, final: false }, 1002],
  ['a continuation of nothing', 'x', { opcode: 0 }, 1002],
  ['a frame over 64 KiB', `42["message.post","${'x'.repeat(65_536)}"]`, {}, 1009],
  ['a frame that claims to be huge', 'x', { claimedLength: 2 ** 40 }, 1009],
  ['a binary frame', Buffer.from([1, 2, 3]), { opcode: 2 }, null],
];
test.each(frames)('T-B4 %s closes the connection', async (_, payload, options, code) => {
  const raw = await RawSocket.introduced(app.port, person.cookie);
  raw.write(frame(payload, options));
  await raw.closed;
  if (code !== null) expect(raw.closeCode).toBe(code);
});

test('T-B4 a frame that breaks off and a handshake that breaks off leave nothing behind', async () => {
  const raw = await RawSocket.introduced(app.port, person.cookie);
  raw.write(frame('x'.repeat(100)).subarray(0, 20));
  raw.end();
  await raw.closed;
  const early = await RawSocket.open(app.port, { Origin: app.url, Cookie: person.cookie });
  early.write(frame('40{"token":').subarray(0, 3));
  early.end();
  await early.closed;
});

test('T-B4 a polled body over 64 KiB is refused', async () => {
  const headers = { cookie: person.cookie, origin: app.url };
  const polling = `${person.base}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(polling, { headers })).text();
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const post = (body: string) =>
    fetch(`${polling}&sid=${sid}`, { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body });
  expect((await post('40')).status).toBe(200);
  const refused = await post(`42["message.post","${'x'.repeat(70_000)}"]`).then(
    ({ status }) => status,
    () => 413,
  );
  expect(refused).toBeGreaterThanOrEqual(400);
});

test('T-A3 a connection that never says who it is is closed within ten seconds', async () => {
  expect(await silence).toBeLessThan(13_000);
});
