import { setTimeout as pause } from 'node:timers/promises';
import type { Phase, PhaseFigures } from './load/plan.ts';
import type { Usage } from './probe.ts';
import { BrokenRun, LoadProcess } from './process.ts';
import type { Stage } from './stage.ts';
import type { System } from './systems.ts';

export interface PhaseResult extends PhaseFigures {
  /** Of the server processes alone. */
  readonly cpuSeconds: number;
}

/** Counts what a system has acknowledged, over all its runs. */
export interface Kept {
  acked: number;
}

/** Does something else while the work is done. */
export type Meanwhile = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** One system's turn: everybody joins, the phases run one after the other, everybody leaves. */
export async function measureTurn<Name extends string>(
  stage: Stage,
  system: System,
  phases: Readonly<Record<Name, Phase>>,
  kept: Kept,
  meanwhile: Meanwhile = (work) => work(),
): Promise<Record<Name, PhaseResult>> {
  const load = stage.keep(new LoadProcess());
  try {
    await load.tell({ do: 'join', seats: system.seats, order: system.order }, 'joined');
    await untilCalm(system);
    const results: [string, PhaseResult][] = [];
    let ackedEver = 0;
    for (const [name, phase] of Object.entries<Phase>(phases)) {
      const run = await meanwhile(() => runPhase(system, load, phase, phase.kind === 'closed' ? 1 : 0.5));
      results.push([name, run.result]);
      ({ ackedEver } = run);
    }
    await load.tell({ do: 'leave' }, 'left');
    kept.acked += ackedEver;
    return Object.fromEntries(results) as Record<Name, PhaseResult>;
  } finally {
    await stage.end(load);
  }
}

async function runPhase(system: System, load: LoadProcess, phase: Phase, warmUpSeconds: number) {
  const begun = load.tell({ do: 'run', phase, warmUpSeconds }, 'begun');
  const ended = load.until('ended');
  const done = load.until('done');
  await begun;
  const before = await cpuOf(system);
  await ended;
  const after = await cpuOf(system);
  const { figures, ackedEver, faults } = await done;
  refuseFaults(system, faults);
  return { result: { ...figures, cpuSeconds: after - before }, ackedEver };
}

export function refuseFaults({ title }: System, faults: readonly string[]): void {
  if (faults.length > 0) throw new BrokenRun(`${title}: ${faults.join('; ')}`);
}

export async function cpuOf({ servers }: System): Promise<number> {
  const usages = await Promise.all(servers.map((server) => server.usage()));
  return usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

const lookMs = 300;

/** Waits until a server has dealt with the people who came or went: less than a tenth of a processor, or ten seconds. */
export async function untilCalm(system: System): Promise<void> {
  let before = await cpuOf(system);
  for (let waited = 0; waited < 10_000; waited += lookMs) {
    await pause(lookMs);
    const after = await cpuOf(system);
    if (after - before < (lookMs / 1_000) * 0.1) return;
    before = after;
  }
}

/** Where the time of a server goes while its rooms are full. */
export async function profileFlatOut(stage: Stage, system: System, phase: Phase, kept: Kept): Promise<object> {
  const load = stage.keep(new LoadProcess());
  try {
    await load.tell({ do: 'join', seats: system.seats, order: system.order }, 'joined');
    const ended = load.until('ended');
    const done = load.until('done');
    await load.tell({ do: 'run', phase, warmUpSeconds: 1 }, 'begun');
    const [server] = system.servers;
    server?.beginProfile();
    await ended;
    const profile = (await server?.endProfile()) ?? {};
    const { ackedEver, faults } = await done;
    refuseFaults(system, faults);
    kept.acked += ackedEver;
    return profile;
  } finally {
    await stage.end(load);
  }
}

const settleMs = 1_500;

export type IdleCost = Pick<Usage, 'rssBytes' | 'heapBytes'>;

/**
 * What one more connection that sits in a room and says nothing costs in memory: as many again join beside those who
 * have paid for the code, the pools and the rooms that all of them share.
 */
export async function measureIdle(stage: Stage, { servers, seats, order }: System, tabs: number): Promise<IdleCost> {
  const [server] = servers;
  if (!server) throw new Error('a system needs a server');
  const crowd = { do: 'join', seats: Array.from({ length: tabs }, () => seats).flat(), order } as const;
  const loads = [stage.keep(new LoadProcess()), stage.keep(new LoadProcess())] as const;
  try {
    await loads[0].tell(crowd, 'joined');
    await pause(settleMs);
    const before = await server.usage({ tidy: true });
    await loads[1].tell(crowd, 'joined');
    await pause(settleMs);
    const after = await server.usage({ tidy: true });
    const each = (key: keyof IdleCost) => (after[key] - before[key]) / crowd.seats.length;
    return { rssBytes: each('rssBytes'), heapBytes: each('heapBytes') };
  } finally {
    await stage.end(...loads);
  }
}

/** What was acknowledged lies in the database, once. */
export async function checkKept(system: System, { acked }: Kept): Promise<void> {
  const count = await system.countKept();
  if (count !== null && count !== acked) {
    throw new BrokenRun(`${system.title}: ${acked} messages were acknowledged, ${count} are kept`);
  }
}
