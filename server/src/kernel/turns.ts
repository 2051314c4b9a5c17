import { setTimeout as pause } from 'node:timers/promises';

const longestRestMs = 1_000;

/** Runs work once everybody who asked before has had his turn. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * For work that keeps the whole process: one at a time, in the order asked for. After each the process rests for as long as
 * it took: whoever else is served meanwhile asks the database many times, and one look at the event loop brings one answer.
 */
export function oneAtATime(): InTurn {
  let ready: Promise<unknown> = Promise.resolve();
  return (work) => {
    let took = 0;
    const turn = ready.then(async () => {
      const began = performance.now();
      try {
        return await work();
      } finally {
        took = performance.now() - began;
      }
    });
    const rest = () => pause(Math.min(longestRestMs, took));
    ready = turn.then(rest, rest);
    return turn;
  };
}
