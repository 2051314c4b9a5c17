import pg from 'pg';
import { isWithout } from './faults.ts';

type GiveBack = (isBroken?: Error | boolean) => void;

/**
 * A connection of a pool that goes back by itself when it dies. A transaction whose connection died cannot be ended any
 * more, and whoever began it keeps what he cannot roll back: it would count as lent for ever. A pool full of such ends the
 * service, and one of them keeps a pool from ever closing.
 */
export class LentClient extends pg.Client {
  /** While somebody has it. */
  #giveBack: GiveBack | undefined;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.once('end', () => {
      if (!isWithout('give-back')) this.release(true);
    });
  }

  /** The pool sets anew how to give it back whenever it lends it; it is done once. */
  set release(giveBack: GiveBack) {
    this.#giveBack = giveBack;
  }

  get release(): GiveBack {
    return (isBroken) => {
      const giveBack = this.#giveBack;
      this.#giveBack = undefined;
      giveBack?.(isBroken);
    };
  }
}
