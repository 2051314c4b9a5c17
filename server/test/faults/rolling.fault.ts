import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { trials } from '../tier.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';
import type { ServerNode } from './server-node.ts';
import { crowd, stream } from './stream.ts';

/** What a load balancer does: it asks every server whether it is ready and leaves out who is not. */
function balance(bench: Bench): { stop(): void; readonly redAt: Map<ServerNode, number> } {
  const redAt = new Map<ServerNode, number>();
  let isOver = false;
  const watch = async (node: ServerNode) => {
    while (!isOver) {
      const isReady = await fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
        ({ ok }) => ok,
        () => null,
      );
      if (isReady) bench.outOfRotation.delete(node);
      else bench.outOfRotation.add(node);
      // Red is an answer: a server that is gone says nothing.
      if (isReady === false && !redAt.has(node)) redAt.set(node, performance.now());
      await pause(200);
    }
  };
  for (const node of bench.nodes) void watch(node);
  return { stop: () => (isOver = true), redAt };
}

faultTest(
  'U05 T-F22 G1 G4 a rolling restart: red before a socket closes, drained within 15 s, one interruption each, nothing lost',
  { without: 'drain', timeout: 90_000 },
  async (bench) => {
    const people = await crowd(bench, 5);
    const balancer = balance(bench);
    const drains: number[] = [];
    let restarts = 0;
    await stream(bench, people, 50, async () => {
      for (let round = 0; round < trials(10); round++) {
        for (const node of bench.nodes) {
          await pause(1_000);
          balancer.redAt.delete(node);
          const before = new Map(people.seats.map(({ client }) => [client, client.disconnects]));
          const askedAt = performance.now();
          await node.terminate();
          drains.push(performance.now() - askedAt);
          const cut = people.seats.map(({ client }) => client).filter((it) => it.disconnects > (before.get(it) ?? 0));
          const firstCut = Math.min(...cut.map(({ disconnectedAt }) => disconnectedAt));
          expect(balancer.redAt.get(node) ?? Infinity, 'red is seen before a socket closes').toBeLessThan(firstCut);
          await node.start();
          restarts += 1;
          await expect.poll(() => people.seats.every(({ client }) => client.isUp), { timeout: 15_000 }).toBe(true);
          await expect.poll(() => bench.outOfRotation.size, { timeout: 5_000 }).toBe(0);
          const interruptions = people.seats.map(({ client }) => client.disconnects - (before.get(client) ?? 0));
          expect(Math.max(...interruptions), 'interruptions of one client by one restart').toBeLessThanOrEqual(1);
        }
      }
    });
    balancer.stop();
    bench.note('restarts', restarts);
    bench.note('slowest drain ms', Math.max(...drains));
    expect(Math.max(...drains)).toBeLessThan(15_000);
    expect(people.seats.flatMap(({ client }) => client.refusals).filter((code) => code !== 'unavailable')).toEqual([]);
  },
);
