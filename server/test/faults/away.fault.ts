import { advanceClock } from '@safesend/shared/clock.ts';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { patience, tier, trials } from '../tier.ts';
import { faultTest } from './fault-test.ts';
import { converse } from './folk.ts';
import { logHash } from './order.ts';

/** Trials: everybody who was away, each time. A thousand where time does not count. */
const absences = [1, 600, 29 * 24 * 3_600];
const tabs = tier === 'long' ? 334 : 4;
const facts = tier === 'long' ? 10_000 : trials(3_400);

faultTest(
  'X2 T-F17 G5 away for a second, ten minutes and a month, with servers killed and Redis emptied meanwhile: the copy is the log',
  { without: 'client:catch-up', environment: { SAFESEND_TEST_CLOCK: '1' }, timeout: 120_000 },
  async (bench) => {
    const [owner, member, ...readers] = await bench.folk(2 + Math.ceil(tabs / 10));
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner, member, ...readers);
    const writers = [owner, member];
    const redis = new Redis(bench.redisUrl);
    let resumed = 0;
    // A session that nobody used for thirty days has ended.
    for (const seconds of absences) {
      const clients = await Promise.all(
        Array.from({ length: tabs }, (_, n) => bench.follower(readers[n % readers.length]!, room)),
      );
      const views = clients.map((client) => client.views.get(room.id)!);
      const from = views[0]?.headSeq ?? 0;
      for (const client of clients) client.away();
      const talks = (count: number) =>
        Promise.all(Array.from({ length: count }, () => converse(bench, writers, room, Math.ceil(facts / 8))));
      const harm = async () => {
        await talks(4);
        await bench.node(0).kill();
        await redis.flushall();
        await bench.node(0).start();
      };
      await Promise.all([harm(), talks(4)]);
      await owner.must(advanceClock, { body: { advanceSeconds: seconds } });
      for (const client of clients) client.back();
      const [head] = await bench.sql<{ seq: number }>('select seq::float8 as seq from room_heads where room_id = $1', [
        room.id,
      ]);
      const behind = () => views.filter(({ headSeq }) => headSeq !== head?.seq).length;
      await expect.poll(behind, { timeout: patience(15_000) }).toBe(0);
      const log = await logHash(bench, room, from);
      expect(views.filter(({ hash }) => hash !== log)).toEqual([]);
      expect(views.map(({ resets }) => resets).filter(Boolean), 'fresh views').toEqual([]);
      resumed += views.length;
      bench.note('facts', (head?.seq ?? 0) - from);
      // What thousands of facts make of hundreds of tabs is more than a process holds; a few stay for the checkers.
      for (const client of clients.slice(2)) client.close();
      bench.clients.splice(0, Infinity, ...clients.slice(0, 2));
    }
    redis.disconnect();
    bench.note('resumed', resumed);
  },
);
