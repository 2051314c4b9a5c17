import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import { expect, test } from 'vitest';
import { armFaults } from '../src/kernel/faults.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

const post = (person: Person, roomId: string, body: string) =>
  person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });

test('G4 G6 what passes by while a gap is being read is read behind it, without waiting for the watch', async () => {
  armFaults('without:head-poll');
  const app = await startTestApp();
  // Another process that does not tell this one what it writes.
  const deaf = await startTestApp({ databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  const person = await signUp(app);
  try {
    const { roomId } = await projectOf(person);
    const elsewhere = person.at(deaf.url);
    await post(elsewhere, roomId, 'both know who is in the room');
    const { event } = await post(person, roomId, 'and so does this one');
    const seen: number[] = [];
    const socket = await person.socket();
    socket.on('room.events', ({ events }) => void seen.push(...events.map(({ seq }) => seq)));
    await socket.emitWithAck('room.join', { roomId, after: -1 });
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table memberships in access exclusive mode');
    await post(elsewhere, roomId, 'unheard');
    await post(person, roomId, 'behind a gap');
    await expect.poll(() => waitingReads(app)).toBeGreaterThan(0);
    await post(person, roomId, 'while the gap is being read');
    await holder.query('rollback');
    await expect.poll(() => seen).toEqual([1, 2, 3].map((behind) => event.seq + behind));
  } finally {
    await holder.end();
    person.close();
    await deaf.close();
    await app.close();
  }
});

async function waitingReads(app: TestApp): Promise<number> {
  const [row] = await app.sql<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like 'select user_id, from_seq%'`,
  );
  return row?.n ?? 0;
}

test('L6 T-A2 whoever asks for a room he never belonged to hears the refusal alone, however long it takes', async () => {
  const app = await startTestApp();
  const [owner, stranger] = await Promise.all([signUp(app), signUp(app)]);
  try {
    const { roomId } = await projectOf(owner);
    const socket = await stranger.socket();
    const heard: string[] = [];
    socket.onAny((name: string, about: { roomId?: string }) => void (about.roomId === roomId && heard.push(name)));
    // Two rounds of the watch and more pass while he is being looked up.
    armFaults('pause:seated:2500');
    const answer = await socket.emitWithAck('room.join', { roomId, after: -1 });
    expect(answer).toMatchObject({ ok: false, error: { code: 'missing' } });
    expect(heard).toEqual([]);
  } finally {
    armFaults('none');
    stranger.close();
    owner.close();
    await app.close();
  }
});
