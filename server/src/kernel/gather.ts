import { setTimeout as pause } from 'node:timers/promises';

/** What became of one item of a batch. `alone`: it is worked on by itself, after the batch. `again`: it joins the next batch. */
export type Settled<Result> =
  { readonly value: Result } | { readonly error: unknown } | { readonly alone: () => Promise<Result> } | 'again';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly since: number;
  resolve(value: Result | Promise<Result>): void;
  reject(error: unknown): void;
}

interface Pace {
  readonly maxBatch?: number;
  /** After a batch of several the next one waits this long for those who answer to it; 0: not at all. */
  readonly restMs?: number;
}

/** So many that came together are a conversation, not a coincidence. */
const several = 4;

/**
 * `run` is told how long the oldest of its items has waited.
 *
 * Work that is cheaper together: what arrives while a batch is under way goes into the next one. The work clocks
 * itself; alone, an item waits for nobody.
 */
export function gather<Item, Result>(
  run: (items: readonly Item[], waitedMs: number) => Promise<readonly Settled<Result>[]>,
  { maxBatch = 256, restMs = 0 }: Pace = {},
): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  let working = false;

  async function work(): Promise<void> {
    working = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, maxBatch);
      await settle(batch);
      // Whoever was answered is about to say the next thing. Where more than that is waiting already, nobody has to.
      if (restMs > 0 && batch.length >= several && queue.length < batch.length) await pause(restMs);
    }
    working = false;
  }

  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(
        batch.map(({ item }) => item),
        performance.now() - (batch[0]?.since ?? 0),
      );
      const settled = batch.map((_, at) => results[at] ?? { error: new Error('an item without a result') });
      // Whoever came later stays behind them.
      queue.unshift(...batch.filter((_, at) => settled[at] === 'again'));
      batch.forEach((waiting, at) => tell(waiting, settled[at] as Settled<Result>));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, since: performance.now(), resolve, reject });
      if (!working) void work();
    });
}

/**
 * Work that is cheaper together and may run beside itself: what arrives in one turn of the event loop shares a batch, and
 * no batch waits for another, so that one which is never answered holds up nobody else. The fuller the process, the more
 * arrives in a turn.
 */
export function gatherTurn<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Exclude<Settled<Result>, 'again'>[]>,
): (item: Item) => Promise<Result> {
  let queue: Waiting<Item, Result>[] = [];

  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      batch.forEach((waiting, at) => tell(waiting, results[at] ?? { error: new Error('an item without a result') }));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function takeUp(): void {
    const batch = queue;
    queue = [];
    void settle(batch);
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, since: 0, resolve, reject });
      if (queue.length === 1) setImmediate(takeUp);
    });
}

function tell<Item, Result>(waiting: Waiting<Item, Result>, settled: Settled<Result>): void {
  if (settled === 'again') return;
  if ('error' in settled) waiting.reject(settled.error);
  else if ('alone' in settled) waiting.resolve(settled.alone());
  else waiting.resolve(settled.value);
}
