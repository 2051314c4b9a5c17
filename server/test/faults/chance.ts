import { randomInt } from 'node:crypto';
import { seeded } from '../../../scripts/seeded.ts';

/** Chance that can be repeated: every run prints its seed, and `FAULTS_SEED` runs it again. */
export class Chance {
  readonly seed: number;
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 31))) {
    this.seed = seed;
    this.next = seeded(seed);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
