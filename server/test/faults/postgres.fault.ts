import { setTimeout as pause } from 'node:timers/promises';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import { expect } from 'vitest';
import { trials } from '../tier.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';
import { crowd, p99Of, stream } from './stream.ts';

faultTest(
  'T-F9 G1 Postgres restarts, in order and at once: nothing is acknowledged meanwhile, nothing acknowledged is lost',
  { without: 'ack-after-disk', ownPostgres: true, timeout: 90_000 },
  async (bench) => {
    const people = await crowd(bench, 5);
    const outages: Awaited<ReturnType<Bench['restartPostgres']>>[] = [];
    const { acks } = await stream(
      bench,
      people,
      50,
      async () => {
        for (let turn = 0; turn < Math.max(2, trials(20)); turn++) {
          await pause(2_000);
          outages.push(await bench.restartPostgres(turn % 2 ? 'immediate' : 'fast'));
          await pause(3_000);
        }
      },
      // How often one asks in vain is how long Postgres takes to come back: none is asked for without a rest.
      200,
    );
    const refusals = new Set(people.seats.flatMap(({ client }) => client.refusals));
    expect([...refusals].filter((code) => code !== 'unavailable')).toEqual([]);
    const answeredAt = acks.map(({ ackedAt }) => ackedAt).sort((a, b) => a - b);
    for (const { downAt, upAt, readyAt } of outages) {
      expect(answeredAt.filter((at) => at > downAt + 50 && at < upAt)).toEqual([]);
      const first = answeredAt.find((at) => at >= upAt) ?? Infinity;
      expect(first - readyAt, 'until sending works again').toBeLessThan(10_000);
    }
    bench.note('outages', outages.length);
    bench.note('longest outage ms', Math.max(...outages.map(({ downAt, readyAt }) => readyAt - downAt)));
    await expectQuietPools(bench);
  },
);

/** Nobody waits for a transaction that its process has forgotten, and no pool is larger than it may be. */
async function expectQuietPools(bench: Bench): Promise<void> {
  const stuck = () =>
    bench.sql(
      `select pid from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`,
    );
  await expect.poll(stuck).toEqual([]);
  const [row] = await bench.sql<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database()`,
  );
  expect(row?.count).toBeLessThanOrEqual(bench.nodes.length * 24 + 4);
}

faultTest(
  'T-F11 one room is held by somebody for ten seconds: its messages may be tried again, the others do not wait',
  { without: 'skip-locked' },
  async (bench) => {
    const people = await crowd(bench, 6);
    const [held, ...others] = people.rooms;
    const holder = new pg.Client({ connectionString: bench.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from room_heads where room_id = $1 for update', [held?.id]);
    const startedAt = performance.now();
    const behind = people.seats.find(({ room }) => room === held);
    const waiting = behind?.client.post(behind.room.id, bench.text());
    // A test that fails earlier has nobody left to hear of it.
    waiting?.catch(() => undefined);
    const took: number[] = [];
    while (performance.now() - startedAt < 9_000) {
      const posts = people.seats
        .filter(({ room }) => others.includes(room))
        .map(({ client, room }) => client.post(room.id, bench.text()));
      const acks = await Promise.all(posts);
      took.push(...acks.map(({ tookMs }) => tookMs));
      await pause(200);
    }
    expect(Math.max(...took), 'in the other rooms').toBeLessThan(2_000);
    expect(behind?.client.refusals.length, 'told to try again').toBeGreaterThan(0);
    expect(new Set(behind?.client.refusals)).toEqual(new Set(['unavailable']));
    await holder.query('rollback');
    await holder.end();
    await waiting;
    bench.note('elsewhere p99 ms', p99Of(took));
    bench.note('elsewhere slowest ms', Math.max(...took));
  },
);

for (const mode of ['cut', 'black hole'] as const) {
  faultTest(
    `T-A20 G7 a server that cannot ask who may listen (${mode}) lets nobody in and drops whom it has within 15 s`,
    { without: 'fail-closed' },
    async (bench) => {
      const [owner, member] = await bench.folk(2);
      if (!owner || !member) throw new Error('nobody came');
      const room = await bench.room(owner, member);
      const blind = bench.node(0);
      const listener = await bench.follower(member, room, { node: blind });
      const view = listener.views.get(room.id);
      await bench.post(owner.at(bench.node(1).url), room);
      await expect.poll(() => view?.applied.length).toBe(1);
      for (const wire of [bench.postgresWires[0], bench.redisWires[0]]) wire?.set(mode);
      const blindSince = performance.now();
      const before = listener.disconnects;
      await owner.at(bench.node(1).url).must(rooms.removeMember, { params: { roomId: room.id, userId: member.id } });
      for (let n = 0; n < 20; n++) await bench.post(owner.at(bench.node(1).url), room);
      await expect(
        listener.ask('message.post', { roomId: room.id, commandId: 'c', body: bench.text() }),
      ).rejects.toThrow();
      await expect(listener.ask('room.join', { roomId: room.id, after: 0 })).rejects.toThrow();
      const left = 15_000 - (performance.now() - blindSince);
      await expect.poll(() => listener.disconnects, { timeout: left }).toBe(before + 1);
      bench.note('dropped after ms', performance.now() - blindSince);
      expect(view?.applied.length, 'after the removal').toBe(1);
      for (const wire of [bench.postgresWires[0], bench.redisWires[0]]) wire?.set('pass');
      await expect.poll(() => view?.closed, { timeout: 30_000 }).toBe('missing');
    },
  );
}

faultTest(
  'T-F9 G1 connections to Postgres that die without a word are given up: nobody is cut off, nothing is lost',
  { without: 'silence-limit' },
  async (bench) => {
    const people = await crowd(bench, 4);
    const cutBefore = people.seats.map(({ client }) => client.disconnects);
    const { acks } = await stream(
      bench,
      people,
      20,
      async () => {
        for (let turn = 0; turn < Math.max(1, trials(20)); turn++) {
          await pause(2_000);
          bench.postgresWires[turn % 2]?.loseAll();
          await pause(10_000);
        }
      },
      100,
    );
    expect(Math.max(...acks.map(({ tookMs }) => tookMs)), 'the longest that anybody waited').toBeLessThan(10_000);
    expect(people.seats.map(({ client }) => client.disconnects)).toEqual(cutBefore);
    const refusals = new Set(people.seats.flatMap(({ client }) => client.refusals));
    expect([...refusals].filter((code) => code !== 'unavailable')).toEqual([]);
  },
);
