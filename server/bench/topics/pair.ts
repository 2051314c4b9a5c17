// Two processes share the rooms: each member sits at the one or the other, and so do the two who write.
import { freePort } from '../../src/kernel/postgres/cluster.ts';
import { launchRedis } from '../../test/redis.ts';
import { median, type Figure } from '../figure.ts';
import type { Phase } from '../load/plan.ts';
import { checkKept, measureTurn, type PhaseResult } from '../measure.ts';
import { startBare, startProduct, type System } from '../systems.ts';
import type { Stage } from '../stage.ts';
import { findPace } from './pace.ts';
import { inTurns, type Effort, type Topic } from './topic.ts';

const size = { rooms: 50, members: 10, senders: 2 };
const rates = [2_000, 1_000, 500];

export const pair: Topic = {
  name: 'pair',
  async measure(stage, effort) {
    const redis = stage.keep(await launchRedis(stage.folder, await freePort()));
    const product = await startProduct(stage, size, [redis.url, redis.url]);
    const bare = await startBare(stage, size, [redis.url, redis.url]);
    try {
      return await measurePair(stage, effort, product, bare);
    } finally {
      await stage.end(...product.servers, ...bare.servers, redis);
    }
  },
};

async function measurePair(stage: Stage, { rounds, seconds }: Effort, product: System, bare: System) {
  const counts = { product: { acked: 0 }, bare: { acked: 0 } };
  const rate = await findPace(stage, bare, rates, seconds, counts.bare);
  const phases = {
    paced: { kind: 'paced', seconds, rate } as Phase,
    full: { kind: 'closed', seconds, window: 8 } as Phase,
  };
  const results = await inTurns(rounds, {
    product: () => measureTurn(stage, product, phases, counts.product),
    bare: () => measureTurn(stage, bare, phases, counts.bare),
  });
  await checkKept(product, counts.product);
  const compare = (part: keyof typeof phases, pick: (result: PhaseResult) => number) => ({
    product: median(results.product.map((round) => pick(round[part]))),
    yardstick: { name: bare.title, value: median(results.bare.map((round) => pick(round[part]))) },
  });
  const speed = ({ acked, seconds: length }: PhaseResult) => acked / length;
  const carried = compare('paced', speed).product;
  return [
    {
      ...{ id: 'pair.paced', what: `two processes and Redis: send → screen p99 at ${rate.toLocaleString('en')}/s` },
      ...{ unit: 'milliseconds', ...compare('paced', ({ screenMs }) => screenMs.p99), goal: { atMost: 2 } },
      ...(carried < rate * 0.97 && { note: `the product carried ${Math.round(carried)}/s` }),
    },
    {
      ...{ id: 'pair.closed', what: '– acknowledged messages, eight under way per sender', unit: 'per second' },
      ...{ ...compare('full', speed), goal: null },
    },
    {
      ...{ id: 'pair.cpu', what: '– CPU of both servers per 1,000 deliveries, eight under way', unit: 'CPU seconds' },
      ...compare('full', ({ cpuSeconds, deliveries }) => (cpuSeconds / deliveries) * 1_000),
      goal: null,
    },
  ] satisfies Figure[];
}
