// node scripts/node.mjs server/bench/simulate.ts: what more processes and more primaries would bring, where no cluster is at
// hand. Every cost is a measurement of one machine (--from a file of bench-results); chance is seeded, so the same input
// gives the same table. What it cannot know: networks, disks that are not alike, people who are not alike.
//   --from FILE   results of npm run bench with the topics talk and primary     --seed N   (1)
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Cluster, type Costs, type Shape } from './simulation/cluster.ts';

const { values } = parseArgs({ options: { from: { type: 'string' }, seed: { type: 'string', default: '1' } } });

const shapes: readonly Shape[] = [
  { processes: 1, primaries: 1, shardedPubSub: false },
  { processes: 2, primaries: 1, shardedPubSub: false },
  { processes: 4, primaries: 1, shardedPubSub: false },
  { processes: 8, primaries: 1, shardedPubSub: false },
  { processes: 8, primaries: 1, shardedPubSub: true },
  { processes: 8, primaries: 2, shardedPubSub: true },
  { processes: 16, primaries: 4, shardedPubSub: false },
  { processes: 16, primaries: 4, shardedPubSub: true },
];

const costs = await readCosts(values.from);
console.log(`| processes | primaries | pub/sub | messages/s | p99 | full first | busiest primary × mean |`);
console.log('|--:|--:|---|--:|--:|---|--:|');
for (const shape of shapes) {
  const { rate, outcome } = highestRate(shape);
  const { p99Ms, full, skew } = outcome;
  const pubSub = shape.processes === 1 ? '–' : shape.shardedPubSub ? 'sharded' : 'one channel';
  console.log(
    `| ${shape.processes} | ${shape.primaries} | ${pubSub} | ${rate.toLocaleString('en')} | ${p99Ms} ms | ${full} | ${skew.toFixed(2)} |`,
  );
}

/** The highest pace, in steps of a tenth, whose p99 stays below a quarter of a second. */
function highestRate(shape: Shape) {
  let [rate, outcome] = [0, new Cluster(shape, costs, Number(values.seed)).run(100)];
  for (let next = 2_000; ; next = Math.ceil((next * 1.1) / 100) * 100) {
    const tried = new Cluster(shape, costs, Number(values.seed)).run(next);
    if (tried.p99Ms > 250) return { rate, outcome: { ...outcome, full: tried.full, skew: tried.skew } };
    [rate, outcome] = [next, tried];
  }
}

async function readCosts(file: string | undefined): Promise<Costs> {
  if (file === undefined) throw new Error('Say --from which results: the costs are measurements, not guesses.');
  const { figures } = JSON.parse(await readFile(file, 'utf8')) as { figures: { id: string; product: number }[] };
  const find = (id: string) => {
    const figure = figures.find((it) => it.id === id);
    if (!figure) throw new Error(`${file} has no figure "${id}": measure the topics talk and primary.`);
    return figure.product;
  };
  const membersPerRoom = 10;
  // Seconds per 1,000 are milliseconds for one.
  const engineMs = find('primary.engine');
  const allMs = find('cpu') * membersPerRoom;
  return {
    membersPerRoom,
    engineMs,
    deliveryMs: Math.max(0.001, (allMs - engineMs) / membersPerRoom),
    postgresMs: find('primary.postgres'),
    primaryCores: 4,
    flushMs: 1,
    // A peer parses each commit that reaches it; taken as the cost of one delivery.
    receiveMs: Math.max(0.001, (allMs - engineMs) / membersPerRoom),
  };
}
