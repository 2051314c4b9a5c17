import { getRoom } from '@safesend/shared/rooms/calls.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { RoomFeed, type FeedQuestion } from '@safesend/shared/rooms/feed.ts';
import type { RoomState } from '@safesend/shared/rooms/room.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { LinkLost, Refusal } from './link.ts';
import type { LiveClient } from './live-client.ts';
import { hashOf, type Placed } from './order.ts';

const gapPatience = 300;
const retryPause = 1_000;

/** One room as one client sees it, with everything that ever came for it. */
export class LiveView {
  readonly roomId: string;
  readonly #client: LiveClient;
  readonly #feed: RoomFeed;
  /** Numbers that came over the wire, whatever became of them. */
  readonly received = new Set<number>();
  /** Facts in the order in which they became part of the view. */
  readonly applied: Placed[] = [];
  /** Steps of the view that were not to the next number. */
  readonly breaks: string[] = [];
  /** When each body came into the view, in milliseconds of this process. */
  readonly shownAt = new Map<string, number>();
  resets = 0;
  longestPage = 0;
  closed: string | null = null;
  #position: number;
  #markJoined: () => void = () => undefined;
  readonly joined = new Promise<void>((resolve) => (this.#markJoined = resolve));

  static async open(client: LiveClient, roomId: string): Promise<LiveView> {
    return new LiveView(client, roomId, await readSnapshot(client, roomId));
  }

  private constructor(client: LiveClient, roomId: string, snapshot: RoomState) {
    this.#client = client;
    this.roomId = roomId;
    this.#position = snapshot.headSeq;
    this.#feed = new RoomFeed(snapshot, {
      ask: (question) => void this.#ask(question),
      reset: () => void this.#reset(),
      applied: (events) => this.#applied(events),
    });
  }

  get state(): RoomState {
    return this.#feed.state;
  }

  /** Of everything that became part of the view, in its order. */
  get hash(): string {
    return hashOf(this.applied);
  }

  get headSeq(): number {
    return this.#feed.state.headSeq;
  }

  connected(): void {
    if (this.closed === null) this.#feed.connected();
  }

  receive(events: readonly RoomEvent[]): void {
    for (const { seq } of events) this.received.add(seq);
    if (this.closed === null) this.#feed.receive(events);
  }

  hint(headSeq: number, epoch: string): void {
    if (this.closed === null) this.#feed.hint(headSeq, epoch);
  }

  close(reason: string): void {
    this.closed = reason;
    this.#markJoined();
  }

  async #ask(question: FeedQuestion): Promise<void> {
    const { roomId } = this;
    const { after, epoch, why } = question;
    if (why === 'gap') await pause(gapPatience);
    if (!this.#feed.awaits(question)) return;
    if (this.#client.isWithoutCatchUp && why !== 'connected') return;
    try {
      const from = this.#client.isWithoutCatchUp ? -1 : after;
      const page =
        why === 'connected'
          ? await this.#client.ask('room.join', { roomId, after: from, epoch })
          : await this.#client.ask('room.catchUp', { roomId, after: Math.max(after, this.headSeq), epoch, limit: 500 });
      this.longestPage = Math.max(this.longestPage, page.events.length);
      for (const { seq } of page.events) this.received.add(seq);
      if (this.closed === null) this.#feed.caughtUp(question, page);
      this.#markJoined();
    } catch (problem) {
      this.#failed(question, problem);
    }
  }

  #failed(question: FeedQuestion, problem: unknown): void {
    if (!this.#feed.awaits(question)) return;
    if (problem instanceof Refusal && problem.code === 'reset') return this.#feed.refused(question);
    if (problem instanceof Refusal && problem.code === 'missing') return this.close('missing');
    if (!(problem instanceof Refusal) && !(problem instanceof LinkLost)) throw problem;
    this.#feed.failed(question);
    setTimeout(() => this.#client.isUp && this.connected(), retryPause);
  }

  async #reset(): Promise<void> {
    this.resets += 1;
    const snapshot = await readSnapshot(this.#client, this.roomId);
    this.#position = snapshot.headSeq;
    this.#feed.replace(snapshot);
  }

  #applied(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.seq !== this.#position + 1) this.breaks.push(`${this.#position} → ${event.seq}`);
      this.#position = event.seq;
      this.applied.push({ seq: event.seq, id: event.id, hash: event.hash });
      if (event.type === 'message.posted') this.shownAt.set(event.data.body ?? '', performance.now());
    }
  }
}

async function readSnapshot({ person }: LiveClient, roomId: string): Promise<RoomState> {
  for (let tries = 1; ; tries++) {
    try {
      const { checkpoint: _checkpoint, ...state } = await person.must(getRoom, { params: { roomId } });
      return state;
    } catch (problem) {
      if (tries >= 300) throw problem;
      await pause(retryPause);
    }
  }
}
