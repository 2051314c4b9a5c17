import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { Chance } from './chance.ts';

/** Somebody or something that acts on an installation on its own account, beside all others and whatever they do. */
export interface Actor {
  /** The least and the most it waits between two deeds, in milliseconds. */
  readonly pace: readonly [number, number];
  readonly deeds: Readonly<Record<string, () => Promise<unknown>>>;
}

/** An actor with the chances it draws from, which are its own: what it does next depends on nobody else. */
export type Casting = (bench: Bench, chance: Chance) => Actor | Promise<Actor>;

/** Lets everybody act until the time is up and the last deed is done; the figures tell what happened how often. */
export async function act(bench: Bench, cast: readonly Casting[], seconds: number): Promise<void> {
  const chances = cast.map((_, n) => new Chance(bench.chance.seed + n + 1));
  const actors = await Promise.all(cast.map(async (casting, n) => casting(bench, chances[n]!)));
  const happened = new Map<string, number>();
  const until = performance.now() + seconds * 1_000;
  let isBroken = false;
  const play = async ({ pace: [least, most], deeds }: Actor, chance: Chance) => {
    while (!isBroken) {
      await pause(chance.between(least, most));
      if (performance.now() >= until) return;
      const [name, happen] = chance.pick(Object.entries(deeds));
      try {
        await happen();
      } catch (error) {
        isBroken = true;
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
      happened.set(name, (happened.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(actors.map((actor, n) => play(actor, chances[n]!)));
  for (const [name, times] of happened) bench.note(name, times);
}
