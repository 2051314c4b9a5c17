import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { trials } from '../tier.ts';
import { faultTest } from './fault-test.ts';

faultTest(
  'F12 T-F5 G4 subscribers spread over three servers miss nothing, and a restart of Redis loses nothing',
  { without: 'head-poll', nodes: 3 },
  async (bench) => {
    const folk = await bench.folk(4);
    const [owner, ...others] = folk;
    if (!owner) throw new Error('nobody came');
    const room = await bench.room(owner, ...others);
    const followers = await Promise.all(
      bench.nodes.flatMap((node) => folk.map((person) => bench.follower(person, room, { node }))),
    );
    const bodies: string[] = [];
    const say = async () => {
      const body = bench.text();
      bodies.push(body);
      await bench.post(bench.chance.pick(folk).at(bench.chance.pick(bench.nodes).url), room, body);
    };
    const unseen = () =>
      followers.flatMap((client) => bodies.filter((it) => !client.views.get(room.id)?.shownAt.has(it))).length;
    for (let turn = 0; turn < trials(20); turn++) {
      await Promise.all(Array.from({ length: 20 }, say));
      await bench.stopRedis();
      // The last word falls into the outage: no publication of it will ever come.
      await Promise.all(Array.from({ length: 20 }, say));
      await pause(bench.chance.between(100, 1_000));
      await bench.startRedis();
      await expect.poll(unseen, { timeout: 5_000 }).toBe(0);
    }
    // One order for all: each view has the same facts in the same places.
    const orders = followers.map((client) =>
      client.views
        .get(room.id)
        ?.applied.map(({ id }) => id)
        .join(),
    );
    expect(new Set(orders).size).toBe(1);
    bench.note('facts', bodies.length);
    bench.note('subscribers', followers.length);
  },
);
