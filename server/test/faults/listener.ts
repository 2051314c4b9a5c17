import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from '../harness.ts';
import { answerIn, SocketLine } from '../socket-line.ts';
import { OrderDigest, type Placed } from './order.ts';

interface Page {
  readonly events: readonly Placed[];
  readonly more: boolean;
}

const keptFrames = 256;
const gapPatience = 300;

/** What came in frames lately: a server encodes a frame once for all who hear it, and it is read once for all of them. */
const frames = new Map<string, readonly Placed[]>();

function read(frame: string): readonly Placed[] {
  const known = frames.get(frame);
  if (known) return known;
  const [, { events }] = JSON.parse(frame.slice(2)) as [string, Page];
  const placed = events.map(({ seq, id, hash }) => ({ seq, id, hash }));
  frames.set(frame, placed);
  const [oldest] = frames.keys();
  if (frames.size > keptFrames && oldest !== undefined) frames.delete(oldest);
  return placed;
}

/**
 * Somebody who follows one room and keeps nothing of it but a digest of its facts in their order, over just enough of
 * the Socket.IO protocol: a thousand of them fit beside a test. What is early waits, what is missing is asked for, and
 * who is cut off comes back and resumes.
 */
export class Listener {
  headSeq: number;
  /** How often the link ended under it. */
  cuts = 0;
  readonly #line: SocketLine;
  readonly #room: { readonly roomId: string; readonly epoch: string };
  readonly #digest = new OrderDigest();
  readonly #early = new Map<number, Placed>();
  #isLive = false;
  #isClosed = false;
  #isAsking = false;

  constructor(person: Person, url: string, view: { roomId: string; state: { headSeq: number; epoch: string } }) {
    this.#line = new SocketLine(
      url,
      { cookie: person.cookie, origin: person.base },
      { hear: (frame) => this.#hear(frame), ended: () => void this.#comeBack() },
    );
    this.#room = { roomId: view.roomId, epoch: view.state.epoch };
    this.headSeq = view.state.headSeq;
  }

  /** Connects and reads what it has missed; resolves when it is live. */
  async join(): Promise<void> {
    await this.#line.connect();
    await this.#catchUp('room.join');
  }

  /** As `hashOf` of the same facts. */
  get hash(): string {
    return this.#digest.hash;
  }

  close(): void {
    this.#isClosed = true;
    this.#line.close();
  }

  async #comeBack(): Promise<void> {
    this.#isLive = false;
    this.cuts += 1;
    await pause(gapPatience);
    if (this.#isClosed) return;
    // A line that could not be connected has ended, too, and comes back from there.
    const isConnected = await this.#line.connect().then(
      () => true,
      () => false,
    );
    if (isConnected) await this.#catchUp('room.join');
  }

  #hear(frame: string): void {
    if (frame.startsWith('42["room.events"')) this.#receive(read(frame));
    else if (frame.startsWith('42["room.head"')) this.#hint(frame);
  }

  #receive(events: readonly Placed[]): void {
    for (const event of events) if (event.seq > this.headSeq) this.#early.set(event.seq, event);
    this.#follow();
    if (this.#early.size > 0) this.#askSoon(() => this.#early.size > 0);
  }

  #hint(frame: string): void {
    const [, { headSeq }] = JSON.parse(frame.slice(2)) as [string, { headSeq: number }];
    if (headSeq > this.headSeq) this.#askSoon(() => headSeq > this.headSeq);
  }

  /** What is under way may come by itself meanwhile. */
  #askSoon(isBehind: () => boolean): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    setTimeout(() => {
      if (this.#isLive && isBehind()) void this.#catchUp('room.catchUp');
      else this.#isAsking = false;
    }, gapPatience);
  }

  async #catchUp(name: 'room.join' | 'room.catchUp'): Promise<void> {
    this.#isAsking = true;
    for (let ask = name, more = true; more; ask = 'room.catchUp') {
      const page = await this.#ask(ask);
      for (const event of page.events) if (event.seq > this.headSeq) this.#early.set(event.seq, event);
      this.#follow();
      more = page.more;
    }
    this.#isAsking = false;
    this.#isLive = true;
  }

  async #ask(name: 'room.join' | 'room.catchUp'): Promise<Page> {
    const frame = await this.#line.ask(name, { ...this.#room, after: this.headSeq });
    const answer = answerIn<{ ok: boolean; value: Page }>(frame);
    if (!answer.ok) throw new Error(`the log was refused: ${frame.slice(0, 200)}`);
    return answer.value;
  }

  #follow(): void {
    for (let next = this.#early.get(this.headSeq + 1); next; next = this.#early.get(this.headSeq + 1)) {
      this.#early.delete(next.seq);
      this.#digest.add(next);
      this.headSeq = next.seq;
    }
  }
}
