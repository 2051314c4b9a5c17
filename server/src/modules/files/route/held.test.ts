import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '@safesend/shared/ids.ts';
import * as files from '@safesend/shared/files/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { credentials, drop, mustDrop, someBytes } from '../../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
beforeAll(async () => {
  app = await startTestApp();
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
});
afterAll(() => app.close());

/** Somebody talks as long as `during` lasts. */
async function whileSomebodyTalks<Result>(roomId: string, during: () => Promise<Result>): Promise<Result> {
  let isOver = false;
  const post = () => client.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: 'And?' } });
  await post();
  const talk = (async () => {
    for (; !isOver; await pause(50)) await post();
  })();
  try {
    return await during();
  } finally {
    isOver = true;
    await talk;
  }
}

test('T-F11 while people talk, a room whose lock is held delays only its own uploads', async () => {
  const [held, free] = [await projectOf(client, freelancer), await projectOf(client, freelancer)];
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from room_heads where room_id = $1 for update', [held.roomId]);
  let isWaiting = true;
  try {
    await whileSomebodyTalks(free.roomId, async () => {
      const behind = drop(client, { roomId: held.roomId }).finally(() => (isWaiting = false));
      await expect
        .poll(
          () =>
            app.sql(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`),
          { timeout: 20_000 },
        )
        .not.toEqual([]);
      for (let n = 0; n < 3; n++) await mustDrop(freelancer, { roomId: free.roomId });
      expect(isWaiting, 'the upload into the room that is held').toBe(true);
      await holder.query('rollback');
      await behind;
    });
  } finally {
    await holder.end();
  }
}, 40_000);

test('UX 30 an archive is not cut off when its reader is asked for again while a file that is gone has its turn', async () => {
  const { roomId } = await projectOf(client, freelancer);
  await mustDrop(freelancer, { roomId, name: 'long.bin', content: someBytes(40_000_000) });
  const { fileId } = await mustDrop(freelancer, { roomId, name: 'withdrawn.txt' });
  await mustDrop(freelancer, { roomId, name: 'stays.txt' });
  const got = await fetch(`${client.base}/api/v1/rooms/${roomId}/files/archive`, { headers: credentials(client) });
  await freelancer.must(files.removeFile, { params: { fileId } });
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query('lock table files in access exclusive mode');
    const archive = got.arrayBuffer();
    archive.catch(() => undefined);
    // Meanwhile it was asked whether the reader still may, as it is every two seconds.
    const waitedLong = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and clock_timestamp() - query_start > interval '2.5 seconds'`;
    await expect.poll(() => app.sql(waitedLong), { timeout: 20_000 }).not.toEqual([]);
    await holder.query('rollback');
    expect(Buffer.from(await archive).includes('stays.txt'), 'what comes after it').toBe(true);
  } finally {
    await holder.end();
  }
}, 60_000);
