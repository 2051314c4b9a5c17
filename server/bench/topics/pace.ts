import type { Kept } from '../measure.ts';
import { measureTurn } from '../measure.ts';
import type { Stage } from '../stage.ts';
import type { System } from '../systems.ts';

/** Later than this is not live any more: what piles up is delivered, but the machine does not carry the pace. */
const liveMs = 250;

/** The highest of these paces, messages a second in all, that a system carries on this machine as it is now. */
export async function findPace(
  stage: Stage,
  system: System,
  rates: readonly number[],
  seconds: number,
  kept: Kept,
): Promise<number> {
  for (const rate of rates) {
    const phase = { kind: 'paced', seconds: Math.min(seconds, 2), rate } as const;
    const { trial } = await measureTurn(stage, system, { trial: phase }, kept);
    if (trial.acked / trial.seconds >= rate * 0.97 && trial.screenMs.p99 <= liveMs) return rate;
  }
  return rates.at(-1) ?? 0;
}
