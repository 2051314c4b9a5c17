import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { RoomFeed, type FeedQuestion } from '@safesend/shared/rooms/feed.ts';
import type { RoomState } from '@safesend/shared/rooms/room.ts';
import type { JoinedRoom, PresenceStatus } from '@safesend/shared/socket.ts';
import { SvelteMap } from 'svelte/reactivity';
import { ApiProblem } from '#lib/api/problem.ts';
import type { Connection } from './connection.svelte.ts';
import { readSnapshot } from './log.ts';
import { FramePacer } from './frame.ts';
import { ReadMarks } from './read-marks.svelte.ts';
import { LinkLost, Refusal } from './refusal.ts';
import { TypingPeople } from './typing.svelte.ts';

export interface RoomListener {
  /** The state moved from one head to another by these facts. */
  applied(events: readonly RoomEvent[], from: number, to: number): void;
  /** The view could not be continued: everything read before is void. */
  replaced?(state: RoomState): void;
}

/** Asked on the window with a list for its detail: every open room of the page adds its state, for whoever checks it. */
const inspection = 'safesend:inspect';

const gapPatience = 300;
const retryPause = 1_000;
const catchUpPage = 500;

/** One room kept true by the live link: the feed's state for components, and the room's fleeting signals beside it. */
export class LiveRoom {
  readonly id: string;
  readonly typing: TypingPeople;
  readonly reads: ReadMarks;
  readonly presence = new SvelteMap<string, PresenceStatus>();

  #state: RoomState;
  #closed = $state.raw<'removed' | 'left' | 'missing' | null>(null);
  #connection: Connection;
  #feed: RoomFeed;
  #incoming: RoomEvent[] = [];
  #pacer = new FramePacer();
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #listeners = new Set<RoomListener>();
  #isOpen = false;

  constructor(connection: Connection, snapshot: RoomState, myId: string) {
    this.id = snapshot.room.id;
    this.#connection = connection;
    this.#state = $state.raw(snapshot);
    this.reads = new ReadMarks(snapshot.reads);
    this.typing = new TypingPeople(this.id, myId, connection);
    this.#feed = new RoomFeed(snapshot, {
      ask: (question) => void this.#ask(question),
      reset: () => void this.#refresh(),
      applied: (events) => this.#applied(events),
    });
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Why this room is no longer ours to see; null while it is. */
  get closed(): 'removed' | 'left' | 'missing' | null {
    return this.#closed;
  }

  /** Joins and stays joined until the returned function is called. */
  open(): () => void {
    this.#isOpen = true;
    const release = this.#connection.hold(this.id);
    const stops = [
      this.#connection.onUp(() => this.#up()),
      this.#connection.onDown(() => this.#down()),
      this.#connection.on('room.events', ({ roomId, events }) => roomId === this.id && this.#receive(events)),
      this.#connection.on('room.head', ({ roomId, headSeq, epoch }) => {
        if (roomId === this.id) this.#feed.hint(headSeq, epoch);
      }),
      this.#connection.on('room.removed', ({ roomId, reason }) => roomId === this.id && this.#close(reason)),
      this.#connection.on('room.typing', (it) => it.roomId === this.id && this.typing.heard(it.userId, it.typing)),
      this.#connection.on('room.reads', (it) => it.roomId === this.id && this.reads.set(it.userId, it.seq)),
      this.#connection.on('room.presence', (it) => it.roomId === this.id && this.presence.set(it.userId, it.status)),
    ];
    window.addEventListener(inspection, this.#show);
    if (this.#connection.isLive) this.#up();
    return () => {
      window.removeEventListener(inspection, this.#show);
      this.#isOpen = false;
      for (const stop of stops) stop();
      for (const timer of this.#timers) clearTimeout(timer);
      this.#pacer.cancel();
      this.typing.stop();
      release();
    };
  }

  listen(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Moves my mark forward; moving it back is `markUnread`'s, over HTTP. */
  async markRead(seq: number): Promise<void> {
    await this.#connection.ask('room.markRead', { roomId: this.id, seq });
  }

  #show = (event: Event): void => {
    if (event instanceof CustomEvent && Array.isArray(event.detail)) event.detail.push(this.#state);
  };

  #up(): void {
    if (this.#closed) return;
    this.#feed.connected();
  }

  #down(): void {
    this.presence.clear();
    this.typing.clear();
  }

  /** Facts are gathered for one frame: hundreds a second cost one rendering each, not hundreds. */
  #receive(events: readonly RoomEvent[]): void {
    if (this.#closed) return;
    this.#incoming.push(...events);
    this.#pacer.schedule(() => this.#feed.receive(this.#incoming.splice(0)));
  }

  async #ask(question: FeedQuestion): Promise<void> {
    const roomId = this.id;
    const { after, epoch, why } = question;
    if (why === 'gap') await new Promise<void>((resolve) => this.#later(resolve, gapPatience));
    if (!this.#feed.awaits(question)) return;
    try {
      const page =
        why === 'connected'
          ? await this.#join({ roomId, after, epoch })
          : await this.#connection.ask('room.catchUp', {
              roomId,
              after: Math.max(after, this.#feed.state.headSeq),
              epoch,
              limit: catchUpPage,
            });
      this.#feed.caughtUp(question, page);
    } catch (problem) {
      this.#askFailed(question, problem);
    }
  }

  /** Whatever has moved since the snapshot, and left no fact, comes with the seat. */
  #join(from: { readonly roomId: string; readonly after: number; readonly epoch: string }): Promise<JoinedRoom> {
    const joining = this.#connection.ask('room.join', from);
    void this.reads.replaceBy(readsOf(joining));
    return joining;
  }

  #askFailed(question: FeedQuestion, problem: unknown): void {
    if (problem instanceof Refusal && problem.error.code === 'reset') return this.#feed.refused(question);
    if (problem instanceof Refusal && isGone(problem.error.code)) return this.#close('missing');
    const isAwaited = this.#feed.awaits(question);
    this.#feed.failed(question);
    if (!(problem instanceof LinkLost) && !(problem instanceof Refusal)) throw problem;
    if (!isAwaited) return;
    // Without a link the next `up` asks again; with one, a lost answer may mean a lost join too.
    this.#later(() => this.#connection.isLive && this.#feed.connected(), retryPause);
  }

  async #refresh(): Promise<void> {
    try {
      const snapshot = await readSnapshot(this.id);
      this.#incoming = [];
      this.#feed.replace(snapshot);
      this.#state = snapshot;
      this.reads.replace(snapshot.reads);
      for (const listener of this.#listeners) listener.replaced?.(snapshot);
    } catch (problem) {
      if (problem instanceof ApiProblem && isGone(problem.code)) return this.#close('missing');
      this.#later(() => void this.#refresh(), retryPause);
    }
  }

  /** Marks are no facts: what changed while nothing told of it is read afresh. */
  async readMarks(): Promise<void> {
    await this.reads.replaceBy(readsOf(readSnapshot(this.id)));
  }

  #applied(events: readonly RoomEvent[]): void {
    const from = this.#state.headSeq;
    this.#state = this.#feed.state;
    for (const event of events) {
      if (event.type !== 'message.posted') continue;
      this.reads.advance(event.data.authorId, event.seq);
      this.typing.heard(event.data.authorId, false);
    }
    for (const listener of this.#listeners) listener.applied(events, from, this.#state.headSeq);
  }

  #close(reason: 'removed' | 'left' | 'missing'): void {
    this.#closed = reason;
    this.#incoming = [];
    this.typing.clear();
    this.presence.clear();
  }

  #later(run: () => void, delay: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#isOpen) run();
    }, delay);
    this.#timers.add(timer);
  }
}

/** Without an answer the marks stay as they are. */
function readsOf(answer: Promise<Pick<JoinedRoom, 'reads'>>): Promise<JoinedRoom['reads'] | null> {
  return answer.then(
    ({ reads }) => reads,
    () => null,
  );
}

function isGone(code: string): boolean {
  return code === 'missing' || code === 'forbidden';
}
