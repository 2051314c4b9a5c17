import { expect } from 'vitest';
import { tier, trials } from '../tier.ts';
import { faultTest } from './fault-test.ts';
import { crowd, p99Of } from './stream.ts';

const megabyte = 2 ** 20;

faultTest(
  'T-F12 G13 a reader who stops reading is cut, costs no memory, and nobody else notices',
  { without: 'buffer-cap', nodes: 1 },
  async (bench) => {
    const people = await crowd(bench, 1);
    const [seat] = people.seats;
    if (!seat) throw new Error('nobody came');
    const { room } = seat;
    const stalled = await bench.follower(room.owner, room, { node: bench.node(0) });
    bench.clients.splice(bench.clients.indexOf(stalled), 1);
    // More than the network's own buffers hold; a proxy between would double them.
    const sent = tier === 'long' ? trials(20_000) : 1_500;
    const flood = async () => {
      const took: number[] = [];
      const post = async () => {
        const startedAt = performance.now();
        await bench.post(room.owner, room, bench.text().padEnd(9_900, '.'));
        took.push(performance.now() - startedAt);
      };
      for (let done = 0; done < sent; done += 50) await Promise.all(Array.from({ length: 50 }, post));
      return p99Of(took);
    };
    const node = bench.node(0);
    // What the work itself takes is taken the first time.
    bench.note('p99 ms without him', await flood());
    const sockets = await node.measure('safesend_sockets');
    const before = await node.measure('process_resident_memory_bytes');
    stalled.stall();
    const isThere = async () => (await node.measure('safesend_sockets')) === sockets;
    for (let times = 0; times < 3 && (times === 0 || (await isThere())); times++)
      bench.note('p99 ms beside him', await flood());
    const grown = ((await node.measure('process_resident_memory_bytes')) - before) / megabyte;
    bench.note('server grew MB', grown);
    await expect.poll(() => node.measure('safesend_sockets'), { timeout: 5_000 }).toBe(sockets - 1);
    // With fewer messages than the long tier sends, what could pile up is less than what the collector leaves lying about.
    if (tier === 'long') expect(grown).toBeLessThan(50);
    stalled.close();
  },
);
