import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect } from 'vitest';
import { tier } from '../tier.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';
import { crowd, stream, type Crowd } from './stream.ts';

/** Everything that may happen to an installation, one after the other in no order. */
function misfortunes(bench: Bench, people: Crowd): Record<string, () => Promise<unknown>> {
  const { chance } = bench;
  const restart = async (how: 'kill' | 'terminate') => {
    const node = chance.pick(bench.nodes);
    await node[how]();
    await pause(chance.between(0, 1_000));
    await node.start();
  };
  const onWires = async (wires: Bench['redisWires'], mode: 'cut' | 'black hole' | 'one way' | number, most: number) => {
    const wire = chance.pick(wires);
    wire.set(mode);
    await pause(chance.between(200, most));
    wire.set('pass');
  };
  return {
    'a server is killed': () => restart('kill'),
    'a server is stopped': () => restart('terminate'),
    'Redis restarts': async () => {
      await bench.stopRedis();
      await pause(chance.between(200, 10_000));
      await bench.startRedis();
    },
    'the subscriptions are killed': async () => {
      const redis = new Redis(bench.redisUrl);
      await redis.call('client', 'kill', 'type', 'pubsub');
      redis.disconnect();
    },
    'a server loses Redis': () =>
      onWires(bench.redisWires, chance.pick(['cut', 'black hole', 'one way'] as const), 8_000),
    'a server loses Postgres': () => onWires(bench.postgresWires, chance.pick(['cut', 'black hole'] as const), 4_000),
    'Postgres is slow': () => onWires(bench.postgresWires, Math.round(chance.between(20, 200)), 4_000),
    'Postgres restarts': () => bench.restartPostgres(chance.pick(['fast', 'immediate'] as const)),
    'everybody is cut off': async () => bench.front.cutAll(),
    'a room is held': () => holdRoom(bench, chance.pick(people.rooms).id, chance.between(500, 6_000)),
  };
}

async function holdRoom({ databaseUrl }: Bench, roomId: string, ms: number): Promise<void> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from room_heads where room_id = $1 for update', [roomId]);
  await pause(ms);
  await holder.query('rollback');
  await holder.end();
}

const seconds = Number(process.env['FAULTS_SECONDS'] ?? { fast: 10, slow: 40, long: 3_600 }[tier]);

faultTest(
  'T-F36 everything at once, for as long as it takes: nothing is lost, doubled, reordered, leaked or unseen',
  { without: 'client:catch-up', ownPostgres: true, timeout: Math.max(120_000, seconds * 1_500) },
  async (bench) => {
    const people = await crowd(bench, 6);
    const happened = new Map<string, number>();
    await stream(
      bench,
      people,
      20,
      async () => {
        const known = Object.entries(misfortunes(bench, people));
        const until = performance.now() + seconds * 1_000;
        while (performance.now() < until) {
          const [name, happen] = bench.chance.pick(known);
          await happen();
          happened.set(name, (happened.get(name) ?? 0) + 1);
          await pause(bench.chance.between(500, 4_000));
        }
      },
      100,
    );
    for (const [name, times] of happened) bench.note(name, times);
    await expect.poll(() => bench.nodes.every(({ isUp }) => isUp)).toBe(true);
  },
);
