import { block, listBlocks, unblock } from '@safesend/shared/accounts/calls.ts';
import { send } from '#lib/api/send.ts';

/** The people I blocked. */
export class BlockedPeople {
  #ids = $state.raw<ReadonlySet<string>>(new Set());

  has(userId: string): boolean {
    return this.#ids.has(userId);
  }

  async read(): Promise<void> {
    const { items } = await send(listBlocks);
    this.#ids = new Set(items.map(({ userId }) => userId));
  }

  async block(userId: string): Promise<void> {
    await send(block, { params: { userId } });
    this.#ids = new Set([...this.#ids, userId]);
  }

  async lift(userId: string): Promise<void> {
    await send(unblock, { params: { userId } });
    this.#ids = new Set([...this.#ids].filter((it) => it !== userId));
  }
}
