import type { Pending, PendingStore } from './pending-store.ts';

/**
 * One person's messages on their way: in memory, and in the store of this browser as far as it takes them. Some browsers
 * keep nothing (private modes, a full disk); such a message lives as long as the page, and is sent like any other.
 */
export class KeptMessages {
  #store: Promise<PendingStore>;
  #userId: string;
  #all = new Map<string, Pending>();
  /** Not in the store yet, so a look at the store says nothing about them. */
  #saving = new Set<string>();
  /** What the store would not take: this tab's word counts. */
  #here = new Set<string>();
  /** What is done with, whatever a store says that could not forget it. */
  #gone = new Set<string>();

  constructor(userId: string, store: Promise<PendingStore>) {
    this.#userId = userId;
    this.#store = store;
  }

  get all(): Pending[] {
    return [...this.#all.values()];
  }

  find(commandId: string): Pending | undefined {
    return this.#all.get(commandId);
  }

  /** May it be sent: is it kept, or known that nothing keeps it? */
  isSettled(commandId: string): boolean {
    return !this.#saving.has(commandId);
  }

  isOnlyHere(commandId: string): boolean {
    return this.#here.has(commandId);
  }

  async put(pending: Pending): Promise<void> {
    const { commandId } = pending;
    this.#all.set(commandId, pending);
    this.#saving.add(commandId);
    await this.#tell(commandId, (store) => store.put(pending));
    this.#saving.delete(commandId);
  }

  /** Changes one that is still there. */
  async change(commandId: string, change: Partial<Pending>): Promise<void> {
    const found = this.#all.get(commandId);
    if (!found) return;
    this.#all.set(commandId, { ...found, ...change });
    if (!this.#here.has(commandId)) await this.#tell(commandId, (store) => store.change(commandId, change));
  }

  /** It is done with, here. */
  forget(commandId: string): void {
    this.#all.delete(commandId);
    this.#gone.add(commandId);
  }

  /** Takes it out of the store as well; throws when that still holds it. */
  async remove(commandId: string): Promise<void> {
    const store = await this.#store.catch(() => null);
    await store?.remove(commandId);
    this.forget(commandId);
  }

  /** Looks at what other tabs have changed. Answers the rooms of what there was and what there is. */
  async reload(): Promise<Set<string>> {
    const before = this.all;
    const stored = await this.#stored();
    const own = this.all.filter(
      (it) => stored === null || this.#saving.has(it.commandId) || this.#here.has(it.commandId),
    );
    const known = new Map([...(stored ?? []), ...own].map((it) => [it.commandId, it]));
    // Command ids are UUIDs of version 7: their order is the order of writing.
    const open = [...known.values()].filter((it) => !this.#gone.has(it.commandId)).sort(byId);
    this.#all = new Map(open.map((it) => [it.commandId, it]));
    return new Set([...before, ...open].map((it) => it.roomId));
  }

  async #stored(): Promise<Pending[] | null> {
    try {
      return await (await this.#store).all(this.#userId);
    } catch {
      return null;
    }
  }

  async #tell(commandId: string, tell: (store: PendingStore) => Promise<void>): Promise<void> {
    try {
      await tell(await this.#store);
    } catch {
      this.#here.add(commandId);
    }
  }
}

function byId(one: Pending, other: Pending): number {
  return one.commandId < other.commandId ? -1 : 1;
}
