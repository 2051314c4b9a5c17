import type { Logger } from './log.ts';
import { isOutage } from './outage.ts';

/**
 * One after the other; one that fails is said, and keeps none of the others waiting. While nobody answers at all the rest
 * is left to the next time.
 */
export async function oneByOne<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<unknown>,
  { log, about, why }: { readonly log: Logger; readonly about: (item: Item) => object; readonly why: string },
): Promise<void> {
  for (const item of items)
    await work(item).catch((error: unknown) => {
      if (isOutage(error)) throw error;
      log.warn({ err: error, ...about(item) }, why);
    });
}
