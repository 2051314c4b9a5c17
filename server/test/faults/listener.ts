import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Person } from '../harness.ts';
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
  readonly #person: Person;
  readonly #url: string;
  readonly #room: { readonly roomId: string; readonly epoch: string };
  readonly #digest = new OrderDigest();
  readonly #early = new Map<number, Placed>();
  readonly #waiting = new Map<number, (page: Page) => void>();
  #socket: WebSocket | undefined;
  #isAsking = false;
  #isClosed = false;
  #nextId = 0;

  constructor(person: Person, url: string, view: { roomId: string; state: { headSeq: number; epoch: string } }) {
    this.#person = person;
    this.#url = url;
    this.#room = { roomId: view.roomId, epoch: view.state.epoch };
    this.headSeq = view.state.headSeq;
  }

  /** Connects and reads what it has missed; resolves when it is live. */
  async join(): Promise<void> {
    await this.#connect();
    await this.#catchUp('room.join');
  }

  /** As `hashOf` of the same facts. */
  get hash(): string {
    return this.#digest.hash;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const { cookie } = this.#person;
    const address = `${this.#url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, { headers: { cookie, origin: this.#person.base }, perMessageDeflate: false });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => this.#hear(data.toString('utf8'), resolve));
      socket.once('close', (code) => reject(new Error(`the server closed the connection (${code})`)));
    });
    socket.once('close', () => void this.#comeBack());
  }

  async #comeBack(): Promise<void> {
    if (this.#isClosed) return;
    this.cuts += 1;
    this.#waiting.clear();
    this.#isAsking = false;
    await pause(gapPatience);
    await this.join().catch(() => this.#comeBack());
  }

  #hear(frame: string, connected: () => void): void {
    if (frame.startsWith('42["room.events"')) this.#receive(read(frame));
    else if (frame.startsWith('42["room.head"')) this.#hint(frame);
    else if (frame.startsWith('43')) this.#answered(frame);
    else if (frame === '2') this.#socket?.send('3');
    else if (frame.startsWith('0')) this.#socket?.send('40');
    else if (frame.startsWith('40')) connected();
  }

  #answered(frame: string): void {
    const start = frame.indexOf('[');
    const id = Number(frame.slice(2, start));
    const [answer] = JSON.parse(frame.slice(start)) as [{ ok: boolean; value: Page }];
    if (!answer.ok) throw new Error(`the log was refused: ${frame.slice(0, 200)}`);
    this.#waiting.get(id)?.(answer.value);
    this.#waiting.delete(id);
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
      if (isBehind()) void this.#catchUp('room.catchUp');
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
  }

  #ask(name: 'room.join' | 'room.catchUp'): Promise<Page> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket?.send(`42${id}${JSON.stringify([name, { ...this.#room, after: this.headSeq }])}`);
    });
  }

  #follow(): void {
    for (let next = this.#early.get(this.headSeq + 1); next; next = this.#early.get(this.headSeq + 1)) {
      this.#early.delete(next.seq);
      this.#digest.add(next);
      this.headSeq = next.seq;
    }
  }
}
