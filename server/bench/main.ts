// npm run bench: how fast, against two simpler servers measured in the same run, interleaved.
//   --quick      one short round            --rounds N   rounds (3)
//   --seconds N  length of a phase (4)      --rate N     messages a second of the paced phase (500)
//   --window N   messages each sender keeps under way in the flat-out phase (1)
//   --profile    afterwards leaves a CPU profile of the product flat out beside the results
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../src/kernel/postgres.ts';
import { checkKept, measureIdle, measureRound, profileFlatOut, type IdleCost, type RoundResult } from './measure.ts';
import { BrokenRun } from './process.ts';
import { size, startBare, startOneInsert, startProduct, titles, type System, type SystemName } from './systems.ts';
import { summarise, tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string', default: '500' },
    window: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const seconds = Number(values.seconds ?? (values.quick ? 2 : 4));
const phases = {
  closed: { kind: 'closed', seconds, window: Number(values.window) },
  paced: { kind: 'paced', seconds, rate: Number(values.rate) },
} as const;
const idleTabs = values.quick ? 1 : 2;
const nothing: IdleCost = { rssBytes: 0, heapBytes: 0 };
const results = join(import.meta.dirname, '../../bench-results');

process.exitCode = await bench().catch((error: unknown) => {
  if (!(error instanceof BrokenRun)) throw error;
  console.log(error.message);
  return 1;
});

async function bench(): Promise<number> {
  await mkdir(results, { recursive: true });
  // On the disk of the repository: a folder in memory would make every fsync free.
  const dataDir = await mkdtemp(join(results, 'data-'));
  const postgres = await startPostgres({ dataDir, onProgress: () => undefined });
  const systems: System[] = [];
  const interrupted = new AbortController();
  // Without its servers a measurement fails, and what was started and written is cleared away below.
  process.on('SIGINT', () => {
    interrupted.abort(new BrokenRun('It was interrupted.'));
    for (const { server } of systems) void server.stop();
  });
  try {
    console.log(`${size.rooms} rooms of ${size.members}, ${size.senders} senders each. Bringing people together…`);
    for (const start of [startProduct, startBare, startOneInsert]) {
      systems.push(await start(postgres.url, dataDir));
      interrupted.signal.throwIfAborted();
    }
    await report(await measureAll(systems));
    if (values.profile) await profile(systems[0]);
    return 0;
  } finally {
    for (const { server } of systems) await server.stop();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Measured {
  readonly idle: Record<SystemName, IdleCost>;
  readonly rounds: Record<SystemName, RoundResult[]>;
}

/** System after system within a round, so that a noisy minute of the machine meets all of them. */
async function measureAll(systems: readonly System[]): Promise<Measured> {
  const idle: Measured['idle'] = { product: nothing, bare: nothing, oneInsert: nothing };
  for (const system of systems) idle[system.name] = await measureIdle(system, idleTabs);
  const measured: Measured = { idle, rounds: { product: [], bare: [], oneInsert: [] } };
  const kept = { product: { acked: 0 }, bare: { acked: 0 }, oneInsert: { acked: 0 } };
  for (let round = 1; round <= rounds; round++) {
    for (const system of systems) {
      const result = await measureRound(system, phases, kept[system.name]);
      measured.rounds[system.name].push(result);
      const speed = Math.round(result.closed.acked / result.closed.seconds).toLocaleString('en');
      console.log(`round ${round} of ${rounds}: ${titles[system.name]} ${speed}/s`);
    }
  }
  for (const system of systems) await checkKept(system, kept[system.name].acked);
  return measured;
}

async function profile(product: System | undefined): Promise<void> {
  if (!product) return;
  const file = join(results, 'product.cpuprofile');
  await writeFile(file, JSON.stringify(await profileFlatOut(product, phases.closed)));
  console.log(`${file} (profiling slows down what it measures: its run is in none of the figures)`);
}

async function report(measured: Measured): Promise<void> {
  const { product, bare, oneInsert } = measured.rounds;
  const summaries = {
    product: summarise(product, measured.idle.product),
    bare: summarise(bare, measured.idle.bare),
    oneInsert: summarise(oneInsert, measured.idle.oneInsert),
  };
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    node: process.version,
    platform: process.platform,
  };
  console.log(`\n${tableOf(summaries)}\n`);
  console.log(
    `Medians of ${rounds}. Paced: ${values.rate}/s. ${machine.cores} × ${machine.cpu}, Node ${machine.node}; server, database and load share them.`,
  );
  const at = new Date().toISOString();
  const file = join(results, `${at.replaceAll(':', '-')}.json`);
  await writeFile(file, JSON.stringify({ at, machine, size, phases, summaries, measured }, null, 2));
  console.log(file);
}
