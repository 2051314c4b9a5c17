import { newId } from '@safesend/shared/ids.ts';
import type { FileCitation } from '@safesend/shared/rooms/message.ts';
import type { PostedMessage } from '@safesend/shared/socket.ts';
import { KeptMessages } from './kept-messages.ts';
import type { Pending, PendingStore } from './pending-store.ts';
import { LinkLost, pauseBefore, Refusal } from './refusal.ts';

/** A message on its way, as the room shows it. `posted` is known once the server has it on disk. */
export interface Outgoing extends Pending {
  readonly sending: boolean;
  /** This browser keeps nothing: a reload would lose it. */
  readonly onlyHere: boolean;
  readonly posted: PostedMessage | null;
}

/** What somebody wrote, with the files it names. */
export interface Written {
  readonly body: string;
  readonly replyTo: string | null;
  readonly files?: readonly FileCitation[];
}

type News =
  | { readonly kind: 'changed' }
  | { readonly kind: 'sending'; readonly commandId: string; readonly sending: boolean }
  | { readonly kind: 'posted'; readonly commandId: string; readonly posted: PostedMessage };

export interface OutboxOptions {
  readonly userId: string;
  readonly store: Promise<PendingStore>;
  /** Puts one message on the wire; throws `LinkLost` without an answer and `Refusal` for a no. */
  readonly post: (pending: Pending) => Promise<PostedMessage>;
  readonly isUp: () => boolean;
  /** Tells the other tabs; none where the browser cannot. */
  readonly channel: BroadcastChannel | null;
  /** Holds a name for one tab at a time while `run` runs. */
  readonly alone: (name: string, run: () => Promise<void>) => Promise<void>;
  readonly changed: (roomId: string) => void;
}

/**
 * Messages between Enter and the log. Each is kept before it is sent, sent in order, one at a time per room, under one
 * command id until the server has answered for good. One that fails for good steps behind those that wait, so what one
 * sees is the order in which things go out. Tabs share the kept messages; a lock lets one of them send, and where locks
 * are missing the command id alone keeps a double send from becoming two messages.
 */
export class Outbox {
  #options: OutboxOptions;
  #kept: KeptMessages;
  #sending = new Set<string>();
  #posted = new Map<string, Outgoing>();
  #draining = new Set<string>();
  /** Rooms that rest before the next try. */
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#kept = new KeptMessages(options.userId, options.store);
    options.channel?.addEventListener('message', this.#heard);
    void this.#reload().then(() => this.wake());
  }

  close(): void {
    this.#isClosed = true;
    this.#options.channel?.removeEventListener('message', this.#heard);
    this.#options.channel?.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Everything on its way to a room, in order; what is posted stays until `settle` says it is in the view. */
  of(roomId: string): Outgoing[] {
    const open = this.#kept.all
      .filter((it) => it.roomId === roomId && !this.#posted.has(it.commandId))
      .map((it) => this.#outgoing(it));
    const posted = [...this.#posted.values()].filter((it) => it.roomId === roomId);
    return [...posted, ...open.filter(({ refusal }) => !refusal), ...open.filter(({ refusal }) => refusal)];
  }

  /** Takes a message on; it is shown at once and sent as soon as it is kept. */
  async add(roomId: string, { body, replyTo, files = [] }: Written): Promise<void> {
    const pending: Pending = {
      commandId: newId(),
      userId: this.#options.userId,
      roomId,
      body,
      replyTo,
      files,
      createdAt: new Date().toISOString(),
      attempted: false,
      refusal: null,
    };
    const kept = this.#kept.put(pending);
    this.#options.changed(roomId);
    await kept;
    // Now it is known whether a reload would lose it.
    if (this.#kept.isOnlyHere(pending.commandId)) this.#options.changed(roomId);
    this.#say({ kind: 'changed' });
    this.#drain(roomId);
  }

  /** Sends a refused message again, or the next one without waiting for its turn. */
  async retry(commandId: string): Promise<void> {
    const pending = this.#kept.find(commandId);
    if (!pending) return;
    if (pending.refusal) await this.#change(pending, { refusal: null, errors: 0 });
    this.#hurry(pending.roomId);
  }

  async discard(commandId: string): Promise<void> {
    const pending = this.#kept.find(commandId);
    if (!pending) return;
    await this.#kept.remove(commandId);
    this.#options.changed(pending.roomId);
    this.#say({ kind: 'changed' });
  }

  /** The link is up: send what waits. */
  wake(): void {
    for (const roomId of this.#rooms()) this.#hurry(roomId);
  }

  /** The log holds it after all, whatever was answered: so it was sent. */
  async confirm(commandId: string, posted: PostedMessage): Promise<void> {
    const pending = this.#kept.find(commandId);
    if (pending) await this.#finish(pending, posted);
  }

  /** Posted messages whose facts are in the view need no place of their own any more. */
  settle(commandIds: readonly string[]): void {
    for (const commandId of commandIds) this.#posted.delete(commandId);
  }

  #rooms(): Set<string> {
    return new Set(this.#kept.all.map((it) => it.roomId));
  }

  #outgoing(pending: Pending): Outgoing {
    const { commandId } = pending;
    const onlyHere = this.#kept.isOnlyHere(commandId);
    return { ...pending, sending: this.#sending.has(commandId), onlyHere, posted: null };
  }

  #hurry(roomId: string): void {
    clearTimeout(this.#timers.get(roomId));
    this.#timers.delete(roomId);
    this.#drain(roomId);
  }

  #drain(roomId: string): void {
    const rests = this.#draining.has(roomId) || this.#timers.has(roomId);
    if (rests || this.#isClosed || !this.#options.isUp()) return;
    this.#draining.add(roomId);
    void this.#options
      .alone(`safesend-outbox:${this.#options.userId}:${roomId}`, () => this.#sendAll(roomId))
      .finally(() => {
        this.#draining.delete(roomId);
        // One may have been added between the last look and the release of the lock.
        if (this.#next(roomId)) this.#drain(roomId);
      });
  }

  async #sendAll(roomId: string): Promise<void> {
    await this.#reload();
    for (let next = this.#next(roomId); next; next = this.#next(roomId)) {
      if (this.#isClosed || !this.#options.isUp()) return;
      if (!(await this.#send(next))) return;
    }
  }

  #next(roomId: string): Pending | undefined {
    const isReady = (it: Pending) => it.roomId === roomId && !it.refusal && this.#kept.isSettled(it.commandId);
    return this.#kept.all.find(isReady);
  }

  /** Answers whether the next one may follow. */
  async #send(pending: Pending): Promise<boolean> {
    const { commandId } = pending;
    await this.#change(pending, { attempted: true });
    this.#setSending(pending, true);
    this.#say({ kind: 'sending', commandId, sending: true });
    try {
      await this.#finish(pending, await this.#options.post(pending));
      return true;
    } catch (problem) {
      return await this.#failed(pending, problem);
    } finally {
      this.#setSending(pending, false);
      this.#say({ kind: 'sending', commandId, sending: false });
    }
  }

  async #finish(pending: Pending, posted: PostedMessage): Promise<void> {
    this.#sending.delete(pending.commandId);
    this.#markPosted(pending, posted);
    this.#say({ kind: 'posted', commandId: pending.commandId, posted });
    // A store that cannot forget it has it sent once more under its id, which changes nothing.
    await this.#kept.remove(pending.commandId).catch(() => undefined);
  }

  async #failed(pending: Pending, problem: unknown): Promise<boolean> {
    if (!(problem instanceof Refusal) && !(problem instanceof LinkLost)) throw problem;
    const error = problem instanceof Refusal ? problem.error : null;
    const errors = (pending.errors ?? 0) + (error?.code === 'unexpected' ? 1 : 0);
    const wait = pauseBefore(error, errors);
    if (error && wait === null) {
      await this.#change(pending, { refusal: error });
      return true;
    }
    if (errors !== (pending.errors ?? 0)) await this.#change(pending, { errors });
    this.#timers.set(
      pending.roomId,
      setTimeout(() => this.#hurry(pending.roomId), wait ?? 0),
    );
    return false;
  }

  #markPosted(pending: Pending, posted: PostedMessage): void {
    this.#posted.set(pending.commandId, { ...this.#outgoing(pending), sending: false, posted });
    this.#kept.forget(pending.commandId);
    this.#options.changed(pending.roomId);
  }

  #setSending(pending: Pending, sending: boolean): void {
    if (sending) this.#sending.add(pending.commandId);
    else this.#sending.delete(pending.commandId);
    this.#options.changed(pending.roomId);
  }

  async #change({ commandId, roomId }: Pending, change: Partial<Pending>): Promise<void> {
    const changed = this.#kept.change(commandId, change);
    this.#options.changed(roomId);
    await changed;
    this.#say({ kind: 'changed' });
  }

  async #reload(): Promise<void> {
    for (const roomId of await this.#kept.reload()) this.#options.changed(roomId);
  }

  #say(news: News): void {
    if (!this.#isClosed) this.#options.channel?.postMessage(news);
  }

  #heard = ({ data }: MessageEvent<News>): void => {
    if (data.kind === 'changed') return void this.#follow();
    const pending = this.#kept.find(data.commandId);
    if (!pending) return;
    if (data.kind === 'posted') this.#markPosted(pending, data.posted);
    else this.#setSending(pending, data.sending);
  };
  /** Rooms that rest go on resting: two tabs would else hurry each other along without an end. */
  async #follow(): Promise<void> {
    await this.#reload();
    for (const roomId of this.#rooms()) this.#drain(roomId);
  }
}
