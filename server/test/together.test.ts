import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
beforeAll(async () => {
  app = await startTestApp();
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
