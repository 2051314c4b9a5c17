import type { Figure } from '../figure.ts';
import type { Stage } from '../stage.ts';

/** How long and how often. */
export interface Effort {
  readonly quick: boolean;
  readonly rounds: number;
  /** Of one phase. */
  readonly seconds: number;
  /** Where a CPU profile of the product is left; null: nowhere. */
  readonly profileFile: string | null;
  say(line: string): void;
}

export interface Topic {
  readonly name: string;
  measure(stage: Stage, effort: Effort): Promise<Figure[]>;
}

/** The things compared take turns, so that a noisy minute of the machine meets all of them. */
export async function inTurns<Name extends string, Result>(
  rounds: number,
  turns: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(turns) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round++) {
    // Every other round backwards: who comes first finds another machine than who comes last.
    for (const name of round % 2 ? names.toReversed() : names) results[name].push(await turns[name]());
  }
  return results;
}
