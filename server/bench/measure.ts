import { setTimeout as pause } from 'node:timers/promises';
import type { Phase, PhaseFigures } from './load/plan.ts';
import type { Usage } from './probe.ts';
import { BrokenRun, LoadProcess } from './process.ts';
import type { System } from './systems.ts';

export interface PhaseResult extends PhaseFigures {
  /** Of the server process alone. */
  readonly cpuSeconds: number;
}

export interface RoundResult {
  readonly closed: PhaseResult;
  readonly paced: PhaseResult;
}

/** One round of one system: everybody joins, the rooms are full, then talk at a steady pace, everybody leaves. */
export async function measureRound(
  system: System,
  phases: { readonly closed: Phase; readonly paced: Phase },
  kept: { acked: number },
): Promise<RoundResult> {
  const load = new LoadProcess();
  try {
    await load.tell({ do: 'join', url: system.server.url, seats: system.seats }, 'joined');
    const closed = await runPhase(system, load, phases.closed, 1);
    const paced = await runPhase(system, load, phases.paced, 0.5);
    await load.tell({ do: 'leave' }, 'left');
    kept.acked += paced.ackedEver;
    return { closed: closed.result, paced: paced.result };
  } finally {
    load.stop();
  }
}

async function runPhase(system: System, load: LoadProcess, phase: Phase, warmUpSeconds: number) {
  const begun = load.tell({ do: 'run', phase, warmUpSeconds }, 'begun');
  const ended = load.until('ended');
  const done = load.until('done');
  await begun;
  const before = await system.server.usage();
  await ended;
  const after = await system.server.usage();
  const { figures, ackedEver, faults } = await done;
  if (faults.length > 0) throw new BrokenRun(`${system.name}: ${faults.join('; ')}`);
  return { result: { ...figures, cpuSeconds: after.cpuSeconds - before.cpuSeconds }, ackedEver };
}

/** Where the time of a server goes while its rooms are full. */
export async function profileFlatOut(system: System, phase: Phase): Promise<object> {
  const load = new LoadProcess();
  try {
    await load.tell({ do: 'join', url: system.server.url, seats: system.seats }, 'joined');
    const done = load.until('done');
    await load.tell({ do: 'run', phase, warmUpSeconds: 1 }, 'begun');
    system.server.beginProfile();
    await done;
    return await system.server.endProfile();
  } finally {
    load.stop();
  }
}

const settleMs = 1_500;

export type IdleCost = Pick<Usage, 'rssBytes' | 'heapBytes'>;

/**
 * What one more connection that sits in a room and says nothing costs in memory: as many again join beside those who
 * have paid for the code, the pools and the rooms that all of them share.
 */
export async function measureIdle({ server, seats }: System, tabs: number): Promise<IdleCost> {
  const crowd = { do: 'join', url: server.url, seats: Array.from({ length: tabs }, () => seats).flat() } as const;
  const [first, second] = [new LoadProcess(), new LoadProcess()];
  try {
    await first.tell(crowd, 'joined');
    await pause(settleMs);
    const before = await server.usage({ tidy: true });
    await second.tell(crowd, 'joined');
    await pause(settleMs);
    const after = await server.usage({ tidy: true });
    const each = (key: keyof IdleCost) => (after[key] - before[key]) / crowd.seats.length;
    return { rssBytes: each('rssBytes'), heapBytes: each('heapBytes') };
  } finally {
    for (const load of [first, second]) load.stop();
  }
}

/** What was acknowledged lies in the database, once. */
export async function checkKept(system: System, acked: number): Promise<void> {
  const count = await system.countKept();
  if (count !== null && count !== acked) {
    throw new BrokenRun(`${system.name}: ${acked} messages were acknowledged, ${count} are kept`);
  }
}
