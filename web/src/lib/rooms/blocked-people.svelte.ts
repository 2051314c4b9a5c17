import { block, listBlocks, unblock } from '@safesend/shared/accounts/calls.ts';
import { Questions } from '#lib/api/latest.svelte.ts';
import { send } from '#lib/api/send.ts';

/** The people I blocked. */
export class BlockedPeople {
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  readonly #questions = new Questions();

  has(userId: string): boolean {
    return this.#ids.has(userId);
  }

  async read(): Promise<void> {
    const told = await this.#questions.ask(send(listBlocks));
    if (told) this.#ids = new Set(told.items.map(({ userId }) => userId));
  }

  async block(userId: string): Promise<void> {
    await send(block, { params: { userId } });
    this.#questions.overtake();
    this.#ids = new Set([...this.#ids, userId]);
  }

  async lift(userId: string): Promise<void> {
    await send(unblock, { params: { userId } });
    this.#questions.overtake();
    this.#ids = new Set([...this.#ids].filter((it) => it !== userId));
  }
}
