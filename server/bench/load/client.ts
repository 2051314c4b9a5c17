import { answerIn, SocketLine } from '../../test/socket-line.ts';
import type { Order, Seat } from './plan.ts';

type Answer =
  { ok: true; value: { headSeq?: number; seq?: number } } | { ok: false; error: { code: string; message: string } };

/** What a client tells the one who counts. */
export interface Ledger {
  /** A message reached the screen of one member; `sentAt` is when it was sent. */
  delivered(sentAt: number): void;
  fault(what: string): void;
}

const events = '42["room.events"';
const seqKey = '"seq":';
const bodyKey = '"body":"t';

/**
 * One member with one connection: just enough of the Socket.IO protocol to be cheap beside the server it measures. It
 * reads only the number and the time stamp out of each event, and insists on every number in its order.
 */
export class Client {
  readonly seat: Seat;
  readonly #ledger: Ledger;
  readonly #order: Order;
  readonly #line: SocketLine;
  /** The number of the last fact seen, or where servers have no common order how many were. */
  lastSeq = 0;

  constructor(seat: Seat, ledger: Ledger, order: Order) {
    this.seat = seat;
    this.#ledger = ledger;
    this.#order = order;
    this.#line = new SocketLine(seat.url, seat.headers, {
      hear: (frame) => frame.startsWith(events) && this.#count(frame),
      ended: (reason) => ledger.fault(reason),
    });
  }

  /** Connects and joins the room from its head on. */
  async join(): Promise<void> {
    await this.#line.connect();
    const { headSeq = 0 } = await this.#ask('room.join', { roomId: this.seat.roomId, after: -1 });
    if (this.#order === 'sequence') this.lastSeq = Math.max(this.lastSeq, headSeq);
  }

  /** Answers the number the message was given. */
  async post(commandId: string, text: string): Promise<number> {
    const body = `t${now().toFixed(3)} ${text}`;
    const { seq = 0 } = await this.#ask('message.post', { roomId: this.seat.roomId, commandId, body });
    return seq;
  }

  /** Comes back and reads what it missed, page by page. Answers the size of the pages in bytes. */
  async resume(): Promise<number> {
    await this.#line.connect();
    const { roomId } = this.seat;
    let bytes = 0;
    for (let name = 'room.join', more = true; more; name = 'room.catchUp') {
      const page = await this.#line.ask(name, { roomId, after: this.lastSeq });
      const before = this.lastSeq;
      bytes += page.length;
      this.#follow(page);
      // Behind the events, at the very end.
      more = page.slice(-200).includes('"more":true');
      const isStuck = more && this.lastSeq === before;
      if (isStuck || page.includes('"ok":false')) throw new Error(`a page was refused or empty: ${page.slice(0, 200)}`);
    }
    return bytes;
  }

  close(): void {
    this.#line.close();
  }

  drop(): void {
    this.#line.drop();
  }

  async #ask(name: string, payload: object): Promise<{ headSeq?: number; seq?: number }> {
    const answer = answerIn<Answer>(await this.#line.ask(name, payload));
    if (!answer.ok) throw new Error(`${name} was refused: ${answer.error.code} ${answer.error.message}`);
    return answer.value;
  }

  #count(frame: string): void {
    this.#follow(frame, (at) => {
      const body = frame.indexOf(bodyKey, at);
      const next = frame.indexOf(seqKey, at + 1);
      // Files that are dropped meanwhile are facts too, and carry no time.
      if (body < 0 || (next >= 0 && body > next)) return;
      const time = body + bodyKey.length;
      this.#ledger.delivered(Number.parseFloat(frame.slice(time, time + 20)));
    });
  }

  #follow(frame: string, each?: (at: number) => void): void {
    for (let at = frame.indexOf(seqKey); at >= 0; at = frame.indexOf(seqKey, at + 1)) {
      const seq = Number.parseInt(frame.slice(at + seqKey.length, at + seqKey.length + 16), 10);
      if (this.#order === 'none') this.lastSeq++;
      else {
        if (seq !== this.lastSeq + 1) this.#ledger.fault(`fact ${seq} came after fact ${this.lastSeq}`);
        this.lastSeq = seq;
      }
      each?.(at);
    }
  }
}

/** Milliseconds on a clock that every process of this machine shares. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
