import { WebSocket } from 'ws';
import type { Seat } from './plan.ts';

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
  readonly #address: string;
  #socket: WebSocket | undefined;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #nextId = 0;
  lastSeq = 0;

  constructor(url: string, seat: Seat, ledger: Ledger) {
    this.seat = seat;
    this.#ledger = ledger;
    this.#address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
  }

  /** Connects and joins the room from its head on. */
  async join(): Promise<void> {
    const socket = new WebSocket(this.#address, { headers: this.seat.headers, perMessageDeflate: false });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`the server closed the connection (${code})`)));
      socket.on('message', (data: Buffer) => this.#read(data.toString('utf8'), resolve));
    });
    const answer = await this.#emit('room.join', { roomId: this.seat.roomId, after: -1 });
    if (!answer.ok) throw new Error(`room.join was refused: ${answer.error.message}`);
    this.lastSeq = Math.max(this.lastSeq, answer.value.headSeq ?? 0);
  }

  /** Answers the number the message was given. */
  async post(commandId: string, text: string): Promise<number> {
    const body = `t${now().toFixed(3)} ${text}`;
    const answer = await this.#emit('message.post', { roomId: this.seat.roomId, commandId, body });
    if (!answer.ok) throw new Error(`message.post was refused: ${answer.error.code} ${answer.error.message}`);
    return answer.value.seq ?? 0;
  }

  close(): void {
    this.#socket?.removeAllListeners();
    this.#socket?.on('error', () => undefined);
    this.#socket?.close();
  }

  #emit(name: string, payload: object): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket?.send(`42${id}${JSON.stringify([name, payload])}`);
    });
  }

  #read(frame: string, connected: () => void): void {
    if (frame.startsWith(events)) this.#count(frame);
    else if (frame.startsWith('43')) this.#answer(frame);
    else if (frame === '2') this.#socket?.send('3');
    else if (frame.startsWith('0')) this.#socket?.send('40');
    else if (frame.startsWith('40')) connected();
    else if (frame.startsWith('44')) this.#ledger.fault(`the server refused the connection: ${frame}`);
  }

  #answer(frame: string): void {
    const bracket = frame.indexOf('[');
    const id = Number(frame.slice(2, bracket));
    const [answer] = JSON.parse(frame.slice(bracket)) as [Answer];
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  #count(frame: string): void {
    for (let at = frame.indexOf(seqKey); at >= 0; at = frame.indexOf(seqKey, at + 1)) {
      const seq = Number.parseInt(frame.slice(at + seqKey.length, at + seqKey.length + 16), 10);
      if (seq !== this.lastSeq + 1) this.#ledger.fault(`fact ${seq} came after fact ${this.lastSeq}`);
      this.lastSeq = seq;
      const body = frame.indexOf(bodyKey, at) + bodyKey.length;
      this.#ledger.delivered(Number.parseFloat(frame.slice(body, body + 20)));
    }
  }
}

/** Milliseconds on a clock that every process of this machine shares. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
