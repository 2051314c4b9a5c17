import { createHash } from 'node:crypto';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { LoggedEvent } from '@safesend/shared/rooms/event.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
let roomId: string;
beforeAll(async () => {
  app = await startTestApp();
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  ({ roomId } = await projectOf(client, freelancer));
});
afterAll(() => app.close());

const post = (person: Person, body: string, commandId = newId(), room = roomId) =>
  person.call(rooms.postMessage, { params: { roomId: room }, body: { commandId, body } });

async function wholeLog(person: Person, room = roomId): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let more = true; more;) {
    const page = await person.must(rooms.listEvents, {
      params: { roomId: room },
      query: { after: events.at(-1)?.seq ?? 0, limit: 500 },
    });
    events.push(...page.events);
    more = page.more;
  }
  return events;
}

test('L2 X1 fifty writers at once leave no gap and no repeat', async () => {
  const { roomId: room } = await projectOf(client, freelancer);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => post(n % 2 ? client : freelancer, `text ${n}`, newId(), room)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
  const log = await wholeLog(freelancer, room);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
  expect(log.filter(({ type }) => type === 'message.posted')).toHaveLength(50);
});

test('L5 T-F14 one command id sent a hundred times at once is one message and one answer', async () => {
  const commandId = newId();
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(client, 'once', commandId)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  const log = await wholeLog(client);
  expect(log.filter((event) => event.type === 'message.posted' && event.data.body === 'once')).toHaveLength(1);
});

test('L5 X4 the same id under another body, another verb or another door is told so, and another person is free to use it', async () => {
  const commandId = newId();
  expect((await post(client, 'first', commandId)).status).toBe(201);
  expect((await post(client, 'second', commandId)).status).toBe(409);
  const socket = await client.socket();
  const replay = await socket.emitWithAck('message.post', { roomId, commandId, body: 'first' });
  const first = (await post(client, 'first', commandId)).body.event;
  expect(replay).toEqual({ ok: true, value: { seq: first.seq, eventId: first.id, at: first.at, hash: first.hash } });
  const other = await socket.emitWithAck('message.post', { roomId, commandId, body: 'third' });
  expect(other).toMatchObject({ ok: false, error: { code: 'conflict' } });
  client.close();
  expect((await post(freelancer, 'mine', commandId)).status).toBe(201);
});

test('T-M26 a command id is needed, 1 to 255 printable characters, and header and body agree', async () => {
  const call = (commandId: string | undefined, headers: Record<string, string> = {}) =>
    client.call(rooms.postMessage, {
      params: { roomId },
      body: { body: 'x', ...(commandId !== undefined && { commandId }) },
      headers,
    });
  expect((await call(undefined)).status).toBe(422);
  expect((await call('x'.repeat(256))).status).toBe(422);
  expect((await call('')).status).toBe(422);
  expect((await call('a', { 'idempotency-key': 'b' })).status).toBe(422);
  expect((await call(undefined, { 'idempotency-key': newId() })).status).toBe(201);
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('L10 X7 the chain verifies from its first fact, and a deleted text keeps its digest', async () => {
  const { body } = await post(client, 'to be deleted');
  const messageId = body.event.type === 'message.posted' ? body.event.data.id : '';
  const before = (await wholeLog(client)).at(-1);
  await client.must(rooms.deleteMessage, { params: { roomId, messageId } });
  const log = await wholeLog(client);
  let prevHash = '0'.repeat(64);
  for (const { seq, id, type, actorId, at, data, salt, digest, prevHash: previous, hash, redacted } of log) {
    expect(previous).toBe(prevHash);
    if (!redacted) expect(digest).toBe(sha256(salt + canonicalJson(data)));
    expect(hash).toBe(sha256(prevHash + canonicalJson({ roomId, seq, id, type, actorId, at }) + digest));
    prevHash = hash;
  }
  const unsaid = log.filter((event) => 'id' in event.data && event.data.id === messageId);
  expect(unsaid.map(({ type }) => type)).toEqual(['message.posted', 'message.deleted']);
  for (const { data, redacted, salt } of unsaid)
    expect({ body: 'body' in data ? data.body : '', redacted, salt }).toEqual({
      body: null,
      redacted: true,
      salt: null,
    });
  expect(unsaid[0]?.digest).toBe(before?.digest);
  expect(JSON.stringify(log)).not.toContain('to be deleted');
});

test('L10 T-M32 neither the product nor the owner of the database changes or removes a fact', async () => {
  const asProduct = (text: string) => app.orm.em.fork().execute(text);
  for (const statement of [
    'update facts set type = type',
    'delete from facts',
    'truncate facts cascade',
    'update fact_payloads set data = null',
    'delete from fact_payloads',
  ]) {
    await expect(asProduct(statement), statement).rejects.toThrow(/permission denied/);
  }
  for (const statement of [
    'update facts set type = type',
    'delete from facts',
    'truncate facts cascade',
    'delete from fact_payloads',
  ]) {
    await expect(app.sql(statement), statement).rejects.toThrow(/append-only/);
  }
  await expect(app.sql(`update fact_payloads set data = '{}'`)).rejects.toThrow(/only be blanked/);
});

test('L3 L4 a command that fails late leaves no fact, no state and no publication', async () => {
  const socket = await freelancer.socket();
  const heads: number[] = [];
  socket.on('room.head', ({ roomId: room, headSeq }) => void (room === roomId && heads.push(headSeq)));
  const { length } = await wholeLog(client);
  await app.sql(
    `create function refuse_late() returns trigger language plpgsql as $$ begin raise exception 'late'; end $$`,
  );
  await app.sql(
    'create constraint trigger late after insert on messages deferrable initially deferred for each row execute function refuse_late()',
  );
  expect((await post(client, 'never')).status).toBe(500);
  await app.sql('drop trigger late on messages');
  expect((await post(client, 'after all')).status).toBe(201);
  await expect.poll(() => heads.length).toBe(1);
  expect(heads).toEqual([length + 1]);
  freelancer.close();
});

test('L2 two rooms written in either order never deadlock', async () => {
  const other = await projectOf(client, freelancer);
  const rename = async (displayName: string) => {
    const { changeProfile } = await import('@safesend/shared/accounts/calls.ts');
    return client.call(changeProfile, { body: { displayName } });
  };
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n): Promise<{ status: number }> =>
      n % 4 === 0 ? rename(`Name ${n}`) : post(client, `x ${n}`, newId(), n % 2 ? roomId : other.roomId),
    ),
  );
  expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
  for (const room of [roomId, other.roomId]) {
    const log = await wholeLog(freelancer, room);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
  }
});

test('T-F18 X2 a position that cannot be continued is a reset, never a hole', async () => {
  const { epoch, headSeq } = await client.must(rooms.getRoom, { params: { roomId } });
  const ask = (query: Record<string, string | number>) => client.call(rooms.listEvents, { params: { roomId }, query });
  expect((await ask({ after: headSeq })).body.events).toEqual([]);
  expect((await ask({ after: headSeq + 1 })).status).toBe(409);
  expect((await ask({ after: 0, epoch: 'another' })).status).toBe(409);
  expect((await ask({ after: 0, epoch })).status).toBe(200);
  for (const after of ['-1', '1.5', '01', '+1', '0x1', '1e3', '9007199254740993', '', 'null', '١']) {
    expect((await ask({ after })).status, after).toBeGreaterThanOrEqual(400);
  }
  expect((await ask({ after: 0, before: 5 })).status).toBe(422);
  const socket = await client.socket();
  for (const after of [headSeq + 1, -2, 1.5, '1', null, {}, 2 ** 53]) {
    const joined = await socket.emitWithAck('room.join', { roomId, after: after as number });
    expect(joined, JSON.stringify(after)).toMatchObject({ ok: false });
  }
  expect(await socket.emitWithAck('room.catchUp', { roomId, after: 0, epoch: 'old' })).toMatchObject({
    ok: false,
    error: { code: 'reset' },
  });
  client.close();
});

test('X9 T-A17 a command that is sent again after its message was deleted does not say the text again', async () => {
  const commandId = newId();
  const { body } = await post(client, 'say it only once', commandId);
  const messageId = body.event.type === 'message.posted' ? body.event.data.id : '';
  expect((await post(client, 'say it only once', commandId)).body).toEqual(body);
  await client.must(rooms.deleteMessage, { params: { roomId, messageId } });
  const again = await post(client, 'say it only once', commandId);
  expect(again.status).toBe(201);
  expect(again.body.event).toMatchObject({ seq: body.event.seq, hash: body.event.hash, redacted: true });
  expect(JSON.stringify(again.body)).not.toContain('only once');
  const kept = await app.sql<{ answer: unknown }>('select answer from commands where command_id = $1', [commandId]);
  expect(JSON.stringify(kept)).not.toContain('only once');
});

test('R01 a client that announces JSON and sends nothing is understood', async () => {
  const headers = { 'content-type': 'application/json', cookie: client.cookie };
  const { id: projectId } = await projectOf(client);
  const url = `http://127.0.0.1:${app.port}/api/v1/projects/${projectId}/cancellation`;
  expect((await fetch(url, { method: 'POST', headers })).status).toBe(201);
  expect((await fetch(`http://127.0.0.1:${app.port}/api/v1/projects`, { method: 'POST', headers })).status).toBe(422);
});
