import { setTimeout as pause } from 'node:timers/promises';
import type { Phase, PhaseFigures } from './load/plan.ts';
import { LoadProcess } from './process.ts';
import type { System } from './systems.ts';

export interface PhaseResult extends PhaseFigures {
  /** Of the server process alone. */
  readonly cpuSeconds: number;
}

export interface RoundResult {
  readonly closed: PhaseResult;
  readonly paced: PhaseResult;
}

/** A message was lost, doubled, reordered or refused. */
export class BrokenRun extends Error {}

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

const settleMs = 1_500;

/** What a connection that sits in a room and says nothing costs in memory. */
export async function measureIdle(system: System, tabs: number): Promise<number> {
  const load = new LoadProcess();
  try {
    // The first connections pay for code and pools that all later ones share.
    await load.tell({ do: 'join', url: system.server.url, seats: system.seats.slice(0, 100) }, 'joined');
    await load.tell({ do: 'leave' }, 'left');
    await pause(settleMs);
    const before = await system.server.usage({ tidy: true });
    const seats = Array.from({ length: tabs }, () => system.seats).flat();
    await load.tell({ do: 'join', url: system.server.url, seats }, 'joined');
    await pause(settleMs);
    const after = await system.server.usage({ tidy: true });
    await load.tell({ do: 'leave' }, 'left');
    return (after.rssBytes - before.rssBytes) / seats.length;
  } finally {
    load.stop();
  }
}

/** What was acknowledged lies in the database, once. */
export async function checkKept(system: System, acked: number): Promise<void> {
  const count = await system.countKept();
  if (count !== null && count !== acked) {
    throw new BrokenRun(`${system.name}: ${acked} messages were acknowledged, ${count} are kept`);
  }
}
