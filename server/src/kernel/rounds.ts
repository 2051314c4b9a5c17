import type { Logger } from './log.ts';

/** Work that is looked for again and again. Two processes may make the same round at once. */
export interface Round {
  readonly name: string;
  readonly everySeconds: number;
  run(): Promise<void>;
}

/** Makes rounds until it is stopped; stopping waits for those under way. One that fails is tried again at its next time. */
export function startRounds(rounds: readonly Round[], log: Logger): { stop(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const make = ({ name, run }: Round) => {
    if (running.has(name)) return;
    const done = run()
      .catch((error: unknown) => log.warn({ err: error, round: name }, 'a round failed'))
      .finally(() => running.delete(name));
    running.set(name, done);
  };
  const timers = rounds.map((round) => setInterval(() => make(round), round.everySeconds * 1_000).unref());
  for (const round of rounds) make(round);
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running.values());
    },
  };
}
