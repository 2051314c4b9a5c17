// One member who reads along, with the same feed the pages use.
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { RoomFeed, type FeedQuestion } from '@safesend/shared/rooms/feed.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import type { RoomState } from '@safesend/shared/rooms/room.ts';
import type { Api } from './api.ts';
import type { Line, Person } from './people.ts';

export class Listener {
  readonly #api: Api;
  readonly #person: Person;
  readonly #line: Line;
  readonly #feed: RoomFeed;
  readonly startedAfter: number;
  /** Facts in the order in which they reached the screen. */
  readonly seen: RoomEvent[] = [];
  /** When the fact of a number arrived. */
  readonly arrivals = new Map<number, number>();
  /** Facts that came before an earlier one: the feed puts them right. */
  early = 0;
  resets = 0;

  static async start(api: Api, person: Person, roomId: string): Promise<Listener> {
    const line = await person.connect();
    const snapshot = await readSnapshot(api, person, roomId);
    const listener = new Listener(api, person, line, snapshot);
    listener.#feed.connected();
    return listener;
  }

  constructor(api: Api, person: Person, line: Line, snapshot: RoomState) {
    this.#api = api;
    this.#person = person;
    this.#line = line;
    this.startedAfter = snapshot.headSeq;
    const roomId = snapshot.room.id;
    this.#feed = new RoomFeed(snapshot, {
      ask: (question) => void this.#ask(roomId, question),
      reset: () => void this.#reset(roomId),
      applied: (events) => void this.seen.push(...events),
    });
    line.on('connect', () => this.#feed.connected());
    line.on('room.events', ({ roomId: of, events }) => {
      if (of === roomId) this.#receive(events);
    });
    line.on('room.head', ({ roomId: of, headSeq, epoch }) => {
      if (of === roomId) this.#feed.hint(headSeq, epoch);
    });
  }

  get state(): RoomState {
    return this.#feed.state;
  }

  /** Messages one could answer, correct or react to: the newest ones on the screen that still stand. */
  get recent(): readonly Message[] {
    return this.state.messages.filter(({ deletedAt }) => deletedAt === null);
  }

  hint(headSeq: number, epoch: string): void {
    this.#feed.hint(headSeq, epoch);
  }

  stop(): void {
    this.#line.disconnect();
  }

  #receive(events: readonly RoomEvent[]): void {
    const now = performance.now();
    let expected = this.state.headSeq + 1;
    for (const { seq } of events) {
      if (seq > expected) this.early++;
      expected = Math.max(expected, seq + 1);
      if (!this.arrivals.has(seq)) this.arrivals.set(seq, now);
    }
    this.#feed.receive(events);
  }

  async #ask(roomId: string, question: FeedQuestion): Promise<void> {
    const { after, epoch, why } = question;
    const place = { roomId, after, epoch };
    try {
      const line = this.#line.timeout(10_000);
      const answer =
        why === 'connected'
          ? await line.emitWithAck('room.join', place)
          : await line.emitWithAck('room.catchUp', place);
      if (!answer.ok) return answer.error.code === 'reset' ? this.#feed.refused(question) : this.#feed.failed(question);
      const now = performance.now();
      for (const { seq } of answer.value.events) if (!this.arrivals.has(seq)) this.arrivals.set(seq, now);
      this.#feed.caughtUp(question, answer.value);
    } catch {
      this.#feed.failed(question);
    }
  }

  async #reset(roomId: string): Promise<void> {
    this.resets++;
    this.#feed.replace(await readSnapshot(this.#api, this.#person, roomId));
  }
}

export async function readSnapshot(api: Api, person: Person, roomId: string): Promise<RoomState> {
  const { checkpoint: _checkpoint, ...state } = (
    await api.insist(rooms.getRoom, person.headers, { params: { roomId } })
  ).body;
  return state;
}
