import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Casting } from './actors.ts';
import type { Bench } from './bench.ts';
import type { Chance } from './chance.ts';
import type { LineMode, TcpProxy } from './tcp-proxy.ts';

/** T-F3, T-F22: servers that are killed, one or all, and restarted in order. */
export const servers: Casting = (bench, chance) => {
  const restart = async (how: 'kill' | 'terminate', nodes = [chance.pick(bench.nodes)]) => {
    await Promise.all(nodes.map((node) => node[how]()));
    await pause(chance.between(0, 1_000));
    await Promise.all(nodes.map((node) => node.start()));
  };
  return {
    pace: [3_000, 8_000],
    deeds: {
      'a server is killed': () => restart('kill'),
      'every server is killed': () => restart('kill', bench.nodes),
      'a server is stopped': () => restart('terminate'),
      'a rolling restart': async () => {
        for (const node of bench.nodes) await restart('terminate', [node]);
      },
    },
  };
};

/** T-F4, T-F5, T-F6. */
export const redis: Casting = (bench, chance) => ({
  pace: [2_000, 8_000],
  deeds: {
    'Redis restarts': async () => {
      await bench.stopRedis();
      await pause(chance.between(200, 10_000));
      await bench.startRedis();
    },
    'the subscriptions are killed': async () => {
      const link = new Redis(bench.redisUrl);
      await link.call('client', 'kill', 'type', 'pubsub');
      link.disconnect();
    },
    'everything in Redis is forgotten': async () => {
      const link = new Redis(bench.redisUrl);
      await link.flushall();
      link.disconnect();
    },
  },
});

export const redisWires: Casting = (bench, chance) => ({
  pace: [4_000, 12_000],
  deeds: {
    'a server loses Redis': () =>
      disturb(bench.redisWires, chance, chance.pick(['cut', 'black hole', 'one way'] as const), 8_000),
  },
});

/** T-F9. */
export const postgres: Casting = (bench, chance) => ({
  pace: [15_000, 40_000],
  deeds: { 'Postgres restarts': () => bench.restartPostgres(chance.pick(['fast', 'immediate'] as const)) },
});

export const postgresWires: Casting = (bench, chance) => ({
  pace: [6_000, 15_000],
  deeds: {
    'a server loses Postgres': () =>
      disturb(bench.postgresWires, chance, chance.pick(['cut', 'black hole'] as const), 4_000),
    'Postgres is slow': () => disturb(bench.postgresWires, chance, Math.round(chance.between(20, 200)), 4_000),
    // What a server that is just starting asks may take as long as a migration does: it is not given up so soon.
    'connections to Postgres die without a word': async () => {
      const running = bench.postgresWires.filter((_, n) => bench.node(n).isUp);
      if (running.length > 0) chance.pick(running).loseAll();
    },
  },
});

/** T-F16. */
export const front: Casting = (bench) => ({
  pace: [10_000, 30_000],
  deeds: { 'everybody is cut off': async () => bench.front.cutAll() },
});

/** T-F11. */
export function heldRooms(roomIds: readonly string[]): Casting {
  return (bench, chance) => ({
    pace: [3_000, 10_000],
    deeds: { 'a room is held': () => holdRoom(bench, chance.pick(roomIds), chance.between(500, 6_000)) },
  });
}

async function disturb(wires: readonly TcpProxy[], chance: Chance, mode: LineMode, most: number): Promise<void> {
  const wire = chance.pick(wires);
  wire.set(mode);
  await pause(chance.between(200, most));
  wire.set('pass');
}

async function holdRoom({ databaseUrl }: Bench, roomId: string, ms: number): Promise<void> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  holder.on('error', () => undefined);
  try {
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from room_heads where room_id = $1 for update', [roomId]);
    await pause(ms);
    await holder.query('rollback');
  } catch {
    // Postgres may restart meanwhile, and then nobody holds anything.
  } finally {
    await holder.end().catch(() => undefined);
  }
}
