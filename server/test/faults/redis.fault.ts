import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { tier, trials } from '../tier.ts';
import { faultTest } from './fault-test.ts';
import { crowd, stream } from './stream.ts';

/** Longer than the 74 s after which a client with ordinary settings gives up and takes its process along. */
const outages = { fast: [2], slow: [2, 30, 80], long: [2, 30, 120] }[tier];

faultTest(
  'T-F4 G6 Redis is down: nothing ends, everything is acknowledged, and the other server shows it within 5 s',
  { without: 'publish-catch', timeout: 90_000 },
  async (bench) => {
    const people = await crowd(bench, 4);
    const { slowestSight } = await stream(bench, people, 20, async () => {
      for (const [turn, seconds] of outages.entries()) {
        await pause(1_000);
        // A server that is gone, and a network that swallows.
        for (const wire of bench.redisWires) wire.set(turn % 2 ? 'black hole' : 'cut');
        await pause(seconds * 1_000);
        for (const wire of bench.redisWires) wire.set('pass');
        await pause(2_000);
      }
    });
    expect(slowestSight).toBeLessThan(5_000);
    expect(bench.nodes.map(({ isUp }) => isUp)).toEqual([true, true]);
  },
);

faultTest(
  'T-F4 G1 a network swallows what is asked of Redis: nobody waits for an answer, rates included',
  { without: 'redis-deadline', environment: { RATE_LIMITS: 'on' } },
  async (bench) => {
    const people = await crowd(bench, 1);
    const { acks } = await stream(bench, people, 10, async () => {
      await pause(1_000);
      for (const wire of bench.redisWires) wire.set('black hole');
      await pause(8_000);
      for (const wire of bench.redisWires) wire.set('pass');
      await pause(1_000);
    });
    expect(Math.max(...acks.map(({ tookMs }) => tookMs))).toBeLessThan(4_000);
  },
);

faultTest(
  'T-F4 G1 Redis takes a second for every answer: a server starts all the same and hears of everything',
  { without: 'publish-catch' },
  async (bench) => {
    const node = bench.node(0);
    await node.kill();
    bench.redisWires[0]?.set(1_000);
    await node.start();
    const people = await crowd(bench, 1);
    const { slowestSight } = await stream(bench, people, 10, () => pause(4_000));
    expect(slowestSight).toBeLessThan(5_000);
    await node.kill();
    bench.redisWires[0]?.set('cut');
    await node.start();
    await stream(bench, people, 10, () => pause(2_000));
  },
);

faultTest(
  'T-F5 G4 Redis restarts again and again: everybody has everything five seconds after each',
  { without: 'head-poll' },
  async (bench) => {
    const people = await crowd(bench, 2);
    for (let turn = 0; turn < trials(20); turn++) {
      const posts = people.seats.flatMap(({ client, room }) =>
        Array.from({ length: 8 }, async () => {
          await pause(bench.chance.between(0, 1_000));
          return client.post(room.id, bench.text());
        }),
      );
      await pause(bench.chance.between(0, 500));
      await bench.stopRedis();
      await pause(bench.chance.between(200, 2_000));
      await bench.startRedis();
      const acks = await Promise.all(posts);
      const unseen = () =>
        acks.filter((ack) =>
          people.seats.some(
            ({ client, room }) => room.id === ack.roomId && !client.views.get(room.id)?.shownAt.has(ack.body),
          ),
        ).length;
      await expect.poll(unseen, { timeout: 5_000 }).toBe(0);
    }
    bench.note('restarts', trials(20));
  },
);

faultTest(
  'T-F6 G4 the subscriptions are killed in the middle of a stream: nothing is missing',
  { without: 'head-poll' },
  async (bench) => {
    const people = await crowd(bench, 2);
    const redis = new Redis(bench.redisUrl);
    const { acks, slowestSight } = await stream(bench, people, 50, async () => {
      for (let kills = 0; kills < Math.max(2, trials(20)); kills++) {
        await pause(1_000);
        await redis.call('client', 'kill', 'type', 'pubsub');
      }
      // The last message of all, with nobody subscribed: only the poll finds it.
      for (let kills = 0; kills < 50; kills++) {
        await redis.call('client', 'kill', 'type', 'pubsub');
        await pause(10);
      }
    });
    redis.disconnect();
    expect(acks.length).toBeGreaterThan(50);
    expect(slowestSight).toBeLessThan(5_000);
  },
);
