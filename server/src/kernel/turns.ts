import { setTimeout as pause } from 'node:timers/promises';

const longestRestMs = 1_000;

/** Lets everybody else through for as long as the work took since it rested last. */
export type Rest = () => Promise<void>;

/** Runs somebody's work once it is his turn. Work that is long rests in between. */
export type InTurn = <Result>(personId: string, work: (rest: Rest) => Promise<Result>) => Promise<Result>;

/**
 * For work that keeps the whole process: one at a time, and one of each who waits before the next of anybody, so that nobody
 * waits for all that another one asked for. After each the process rests for as long as it took: whoever else is served
 * meanwhile asks the database many times, and one look at the event loop brings one answer.
 */
export function oneAtATime(): InTurn {
  /** By person; whoever is first has the next turn. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let isGoing = false;

  function next(): (() => Promise<void>) | undefined {
    for (const [personId, [turn, ...later]] of waiting) {
      waiting.delete(personId);
      if (later.length > 0) waiting.set(personId, later);
      return turn;
    }
    return undefined;
  }

  async function go(): Promise<void> {
    if (isGoing) return;
    isGoing = true;
    for (let turn = next(); turn; turn = next()) await turn();
    isGoing = false;
  }

  return (personId, work) =>
    new Promise((resolve, reject) => {
      const turn = async () => {
        const rest = resting();
        try {
          resolve(await work(rest));
        } catch (problem) {
          reject(problem);
        }
        await rest();
      };
      waiting.set(personId, [...(waiting.get(personId) ?? []), turn]);
      void go();
    });
}

function resting(): Rest {
  let since = performance.now();
  return async () => {
    await pause(Math.min(longestRestMs, performance.now() - since));
    since = performance.now();
  };
}
