import { setTimeout as pause } from 'node:timers/promises';
import { editMessage, postMessage } from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../src/kernel/database.ts';
import { makeDatabase } from './fresh-database.ts';
import { projectOf, signUp, startTestApp, type TestApp } from './harness.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Ends every connection that waits for a lock; answers how many there were. */
async function endWaiting(databaseUrl: string): Promise<number> {
  const { pathname } = new URL(databaseUrl);
  const killed = await app.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
    [pathname.slice(1)],
  );
  return killed.length;
}

/** More than the pool has. */
const deaths = 24;

test('U06 T-F9 connections that die inside transactions leave the pool: the server works on with all of them', async () => {
  const owner = await signUp(app);
  const { roomId } = await projectOf(owner);
  const { event } = await owner.must(postMessage, { params: { roomId }, body: { body: 'Hello' }, commandId: 'hello' });
  if (event.type !== 'message.posted') throw new Error('not posted');
  const params = { roomId, messageId: event.data.id };
  const edit = () => owner.call(editMessage, { params, body: { body: 'Hello again' } });
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from room_heads where room_id = $1 for update', [roomId]);
  let died = 0;
  while (died < deaths) {
    let isAnswered = false;
    const asked = Promise.all(Array.from({ length: 8 }, edit)).finally(() => (isAnswered = true));
    while (!isAnswered) {
      died += await endWaiting(app.databaseUrl);
      await pause(20);
    }
    for (const { status } of await asked) expect(status).toBe(503);
  }
  await holder.query('rollback');
  await holder.end();
  const answers = await Promise.all(Array.from({ length: 8 }, edit));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
}, 60_000);

test('T-F9 a migration whose connection dies is over: it holds up no process that migrates next', async () => {
  const databaseUrl = await makeDatabase(app.databaseUrl, 'template0');
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  // Who makes a table of the same name waits for this one to come about or not.
  await holder.query('begin');
  await holder.query('create table rooms (id uuid)');
  const migrated = migrate(databaseUrl).then(
    () => 'migrated',
    () => 'over',
  );
  await expect.poll(() => endWaiting(databaseUrl), { timeout: 20_000, interval: 50 }).toBeGreaterThan(0);
  expect(await migrated).toBe('over');
  await holder.query('rollback');
  await holder.end();
  await migrate(databaseUrl);
}, 60_000);
