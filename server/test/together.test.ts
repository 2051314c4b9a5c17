import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
beforeAll(async () => {
  // Statements are counted here: rounds, which ask by the clock, belong to another process.
  app = await startTestApp({ environment: { ROLES: 'web' } });
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
});
afterAll(() => app.close());

const post = (person: Person, roomId: string, body: string, commandId = newId()) =>
  person.call(rooms.postMessage, { params: { roomId }, body: { commandId, body } });

test('G2 a poisoned command fails alone: what shared its commit is stored, once, in order', async () => {
  const { roomId } = await projectOf(client, freelancer);
  await app.sql(`create function refuse_poison() returns trigger language plpgsql as
    $$ begin if new.body = 'poison' then raise exception 'poisoned'; end if; return new; end $$`);
  await app.sql('create trigger poison before insert on messages for each row execute function refuse_poison()');
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => post(n % 2 ? client : freelancer, roomId, n === 17 ? 'poison' : `text ${n}`)),
  );
  await app.sql('drop trigger poison on messages');
  expect(answers.map(({ status }) => status)).toEqual(answers.map((_, n) => (n === 17 ? 500 : 201)));
  const { events } = await client.must(rooms.listEvents, { params: { roomId }, query: { after: 0, limit: 500 } });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  expect(events.filter(({ type }) => type === 'message.posted')).toHaveLength(39);
});

test('T-F11 a room whose lock is held delays only its own commands', async () => {
  const [held, free] = [await projectOf(client, freelancer), await projectOf(client, freelancer)];
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from room_heads where room_id = $1 for update', [held.roomId]);
  let waiting = true;
  const behind = post(client, held.roomId, 'behind the lock').finally(() => (waiting = false));
  const others = await Promise.all(Array.from({ length: 20 }, (_, n) => post(freelancer, free.roomId, `text ${n}`)));
  expect(others.every(({ status }) => status === 201)).toBe(true);
  expect(waiting).toBe(true);
  await holder.query('commit');
  await holder.end();
  expect((await behind).status).toBe(201);
});

test('T-F11 a lock that is not let go ends in an answer that may be tried again, and nothing was changed', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const { headSeq } = await client.must(rooms.getRoom, { params: { roomId } });
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from room_heads where room_id = $1 for update', [roomId]);
  const commandId = newId();
  const refused = await post(client, roomId, 'too long', commandId);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('2');
  await holder.query('rollback');
  await holder.end();
  const { event } = (await post(client, roomId, 'too long', commandId)).body;
  expect(event.seq).toBe(headSeq + 1);
}, 15_000);

test('L6 in one batch a stranger, a missing room and a member each get their own answer', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const stranger = await signUp(app);
  const [mine, theirs, missing] = await Promise.all([
    post(client, roomId, 'mine'),
    post(stranger, roomId, 'theirs'),
    post(stranger, newId(), 'nowhere'),
  ]);
  expect([mine.status, theirs.status, missing.status]).toEqual([201, 404, 404]);
  const words = ({ body }: { body: unknown }) => ({ ...(body as object), requestId: '' });
  expect(words(theirs)).toEqual(words(missing));
});

test('F02 what means something to arrays, JSON or SQL is stored as it was written', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const bodies = [
    'NULL',
    '{a,b}',
    'a "quoted" \\ backslash',
    'tab\tand "quote"\nline \\n',
    `'; --`,
    '"é" \u2028 \u0085 😀',
    '$1 $&',
  ];
  await post(client, roomId, 'the first one looks the room up');
  for (const body of bodies) expect((await post(client, roomId, body)).status).toBe(201);
  const { events } = await client.must(rooms.listEvents, { params: { roomId }, query: { after: 0, limit: 500 } });
  const posted = events.flatMap((event) => (event.type === 'message.posted' ? [event.data.body] : []));
  expect(posted.slice(1)).toEqual(bodies);
  const kept = await app.sql(`select body from messages where room_id = '${roomId}' order by created_at, id`);
  expect(kept.slice(1)).toEqual(bodies.map((body) => ({ body })));
});

/** Two processes on one database that do not hear of each other: what one remembers of a room is often wrong. */
async function deafTwins() {
  const other = await startTestApp({ databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  const there = (person: Person) => person.at(other.url);
  return { other, there };
}

test('L2 T-F20 two processes that remember different heads number a room without a gap or a repeat', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const { other, there } = await deafTwins();
  try {
    const senders = [client, freelancer, there(client), there(freelancer)];
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(senders.map((sender) => post(sender, roomId, `round ${round}`)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    }
    const { events } = await client.must(rooms.listEvents, { params: { roomId }, query: { after: 0, limit: 500 } });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events.map(({ prevHash }) => prevHash)).toEqual([
      '0'.repeat(64),
      ...events.slice(0, -1).map(({ hash }) => hash),
    ]);
    expect(events.filter(({ type }) => type === 'message.posted')).toHaveLength(40);
  } finally {
    await other.close();
  }
});

test('L2 L5 a room that has moved elsewhere costs its own messages one more try, and nothing of them is written twice', async () => {
  const [moved, still] = [await projectOf(client, freelancer), await projectOf(client, freelancer)];
  const { other, there } = await deafTwins();
  try {
    for (const { roomId } of [moved, still]) await post(client, roomId, 'remembered here');
    await post(there(client), moved.roomId, 'written elsewhere');
    const before = await figures();
    const sent = [moved, still, moved, still, moved, still].map(({ roomId }) => ({ roomId, commandId: newId() }));
    const say = ({ roomId, commandId }: { roomId: string; commandId: string }) =>
      post(freelancer, roomId, 'together', commandId);
    const answers = await Promise.all(sent.map(say));
    expect(answers.map(({ status }) => status)).toEqual(sent.map(() => 201));
    expect(await Promise.all(sent.map(say)).then((again) => again.map(({ body }) => body.event.seq))).toEqual(
      answers.map(({ body }) => body.event.seq),
    );
    for (const [{ roomId }, count] of [
      [moved, 5],
      [still, 4],
    ] as const) {
      const { events } = await client.must(rooms.listEvents, { params: { roomId }, query: { after: 0, limit: 500 } });
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
      const kept = await app.sql(`select 1 as one from messages where room_id = '${roomId}'`);
      expect(kept).toHaveLength(count);
    }
    const commits =
      ((await figures()).get('safesend_commit_batch_size_sum') ?? 0) -
      (before.get('safesend_commit_batch_size_sum') ?? 0);
    expect(commits).toBe(6);
  } finally {
    await other.close();
  }
});

test('L7 who was removed elsewhere is refused by a process that still remembers him in the room', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const { other, there } = await deafTwins();
  try {
    expect((await post(freelancer, roomId, 'I am here')).status).toBe(201);
    await there(client).must(rooms.removeMember, { params: { roomId, userId: freelancer.user.id } });
    const { headSeq } = await client.must(rooms.getRoom, { params: { roomId } });
    expect((await post(freelancer, roomId, 'and still here')).status).toBe(404);
    expect((await client.must(rooms.getRoom, { params: { roomId } })).headSeq).toBe(headSeq);
  } finally {
    await other.close();
  }
});

/** What `/metrics` says under these names. */
async function figures(): Promise<Map<string, number>> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('safesend_'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('U07 a message costs a fixed number of statements, and operators see its batch', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const socket = await client.socket();
  const say = (body: string) => socket.emitWithAck('message.post', { roomId, commandId: newId(), body });
  await say('the first one looks the room up');
  const before = await figures();
  for (let n = 0; n < 20; n++) await say(`text ${n}`);
  const after = await figures();
  const spent = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  // Is the session alive, the write itself, and what its author has read by it; the watch may look around in between.
  expect(spent('safesend_statements_total')).toBeLessThan(20 * 4);
  expect(spent('safesend_commit_batch_size_count')).toBe(20);
  expect(spent('safesend_commit_batch_size_sum')).toBe(20);
  client.close();
});

test('U07 those who read a message in the same moment share the statements that move their marks', async () => {
  const { roomId } = await projectOf(client, freelancer);
  const { body } = await post(client, roomId, 'read by everybody');
  const sockets = await Promise.all([client.socket(), freelancer.socket(), client.socket(), freelancer.socket()]);
  const before = await figures();
  const marks = sockets.flatMap((socket) =>
    Array.from({ length: 10 }, (_, n) =>
      socket.emitWithAck('room.markRead', { roomId, seq: n % 2 ? 1 : body.event.seq }),
    ),
  );
  expect(await Promise.all(marks)).toEqual(marks.map(() => ({ ok: true, value: { readSeq: body.event.seq } })));
  const after = await figures();
  const statements = (after.get('safesend_statements_total') ?? 0) - (before.get('safesend_statements_total') ?? 0);
  // Whose receipts show it is still asked for each; the rest is shared. Each alone asks five times.
  expect(statements).toBeLessThan(40 * 4);
  const beyond = await sockets[0]?.emitWithAck('room.markRead', { roomId, seq: body.event.seq + 1 });
  expect(beyond).toMatchObject({ ok: false, error: { code: 'invalid' } });
  for (const socket of sockets) socket.close();
});

test('T-F11 a twin of a command that is still at work delays and refuses nobody else', async () => {
  const [mine, theirs] = [await projectOf(client), await projectOf(freelancer)];
  for (const [person, { roomId }] of [
    [client, mine],
    [freelancer, theirs],
  ] as const)
    await post(person, roomId, 'first');
  const commandId = newId();
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query(
    `insert into commands (actor_id, command_id, verb, body_hash, at) values ($1, $2, 'patch /elsewhere', '', now())`,
    [client.id, commandId],
  );
  let waiting = true;
  const twin = post(client, mine.roomId, 'twin', commandId).finally(() => (waiting = false));
  const others = await Promise.all(Array.from({ length: 40 }, (_, n) => post(freelancer, theirs.roomId, `text ${n}`)));
  expect(others.map(({ status }) => status)).toEqual(others.map(() => 201));
  expect(waiting).toBe(true);
  await holder.query('rollback');
  await holder.end();
  expect((await twin).status).toBe(201);
}, 15_000);
