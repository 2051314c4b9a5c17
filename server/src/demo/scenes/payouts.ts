import { setsUpPayouts } from '../money-acts.ts';
import type { Scene } from '../stage.ts';

/** Whoever works here can be paid: what is released waits for nobody. */
export const payouts: Scene = {
  name: 'payouts',
  acts: [setsUpPayouts('tomas'), setsUpPayouts('mei'), setsUpPayouts('jonas')],
};
