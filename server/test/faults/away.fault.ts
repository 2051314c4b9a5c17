import { advanceClock } from '@safesend/shared/clock.ts';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { trials } from '../tier.ts';
import type { Bench, Room } from './bench.ts';
import { faultTest } from './fault-test.ts';
import { converse } from './folk.ts';
import { hashOf } from './live-view.ts';

/** The log as Postgres has it, behind a number. */
async function logHash(bench: Bench, room: Room, after: number): Promise<string> {
  return hashOf(
    await bench.sql(
      'select seq::float8 as seq, id, hash from facts where room_id = $1 and seq > $2 order by facts.seq',
      [room.id, after],
    ),
  );
}

faultTest(
  'X2 T-F17 G5 away for a second, ten minutes and a month, with servers killed and Redis emptied meanwhile: the copy is the log',
  { without: 'client:catch-up', environment: { SAFESEND_TEST_CLOCK: '1' }, timeout: 120_000 },
  async (bench) => {
    const [owner, member, reader] = await bench.folk(3);
    if (!owner || !member || !reader) throw new Error('nobody came');
    const room = await bench.room(owner, member);
    await bench.join(room, reader);
    const client = await bench.follower(reader, room);
    const view = client.views.get(room.id);
    const from = view?.headSeq ?? 0;
    const redis = new Redis(bench.redisUrl);
    // A session that nobody used for thirty days has ended.
    for (const seconds of [1, 600, 29 * 24 * 3_600]) {
      client.away();
      const share = Math.ceil(trials(10_000) / 3 / 8);
      const talks = (count: number) =>
        Promise.all(Array.from({ length: count }, () => converse(bench, room.members, room, share)));
      const harm = async () => {
        await talks(4);
        await bench.node(0).kill();
        await redis.flushall();
        await bench.node(0).start();
      };
      await Promise.all([harm(), talks(4)]);
      await owner.must(advanceClock, { body: { advanceSeconds: seconds } });
      client.back();
      const [head] = await bench.sql<{ seq: number }>('select seq::float8 as seq from room_heads where room_id = $1', [
        room.id,
      ]);
      await expect.poll(() => view?.headSeq, { timeout: 15_000 }).toBe(head?.seq);
      expect(view?.hash).toBe(await logHash(bench, room, from));
      expect(view?.resets, 'fresh views').toBe(0);
    }
    redis.disconnect();
    bench.note('facts', view?.applied.length ?? 0);
  },
);
