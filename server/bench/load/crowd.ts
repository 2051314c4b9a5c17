import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, now, type Ledger } from './client.ts';
import type { Order, Percentiles, Phase, PhaseFigures, Seat } from './plan.ts';

const texts = [
  'Yes, that works.',
  'I moved the second milestone by a week, the printer needs the files on Monday.',
  'Could you look at the last paragraph again? I think the price should stand before the date, otherwise nobody reads it.',
  'Done. The staging server has the new version, please try it on a phone as well: the basket stays when the page is loaded again.',
];
const joinsAtOnce = 25;
/** As many as one accept queue takes: more at once would measure how the kernel repeats itself. */
const returnsAtOnce = 250;
const patienceMs = 20_000;
const tickMs = 5;

/** All members of all rooms, and what happened to their messages. */
export class Crowd implements Ledger {
  readonly #clients: Client[];
  readonly #mark = Math.random().toString(36).slice(2);
  readonly #ackTimes: RecordableHistogram = createHistogram();
  readonly #screenTimes: RecordableHistogram = createHistogram();
  /** Per room, how far its members must get. */
  readonly #highest = new Map<string, number>();
  readonly #order: Order;
  readonly faults: string[] = [];
  #counting = false;
  #acked = 0;
  #deliveries = 0;
  #sent = 0;
  #open = 0;
  ackedEver = 0;

  constructor(seats: readonly Seat[], order: Order) {
    this.#order = order;
    this.#clients = seats.map((seat) => new Client(seat, this, order));
  }

  async join(): Promise<void> {
    await this.#each(joinsAtOnce, (client) => client.join());
  }

  drop(): void {
    for (const client of this.#clients) client.drop();
  }

  /** Everybody comes back at once. Answers the seconds until the last one has caught up, and the bytes of all pages. */
  async resume(missed: number): Promise<{ seconds: number; bytes: number }> {
    const goals = new Map(this.#clients.map((client) => [client, client.lastSeq + missed]));
    const begun = now();
    let bytes = 0;
    await this.#each(returnsAtOnce, async (client) => {
      const size = await client.resume();
      bytes += size;
    });
    const seconds = (now() - begun) / 1_000;
    for (const [{ lastSeq }, goal] of goals) {
      if (lastSeq !== goal) this.fault(`a member came back and saw fact ${lastSeq} last, not ${goal}`);
    }
    return { seconds, bytes };
  }

  /** Every sender posts so many messages, and everybody sees them. */
  async post(each: number, window: number): Promise<void> {
    await Promise.all(
      this.#senders.map(async (client) => {
        let left = each;
        const keepSending = async () => {
          while (left-- > 0 && this.faults.length === 0) await this.#post(client);
        };
        await Promise.all(Array.from({ length: window }, keepSending));
      }),
    );
    await this.#arriveEverywhere();
  }

  async #each(atOnce: number, work: (client: Client) => Promise<void>): Promise<void> {
    const waiting = [...this.#clients];
    const next = async () => {
      for (let client = waiting.pop(); client; client = waiting.pop()) await work(client);
    };
    await Promise.all(Array.from({ length: atOnce }, next));
  }

  leave(): void {
    for (const client of this.#clients) client.close();
  }

  /** Runs a phase: warms up, counts for the phase's time, then waits until everything sent has arrived everywhere. */
  async run(phase: Phase, warmUpSeconds: number, sayBegun: () => void, sayEnded: () => void): Promise<PhaseFigures> {
    const end = now() + (warmUpSeconds + phase.seconds) * 1_000;
    const sending = phase.kind === 'closed' ? this.#sendClosed(end, phase.window) : this.#sendPaced(end, phase.rate);
    await pause(warmUpSeconds * 1_000);
    this.#reset();
    sayBegun();
    const begun = now();
    this.#counting = true;
    await pause(phase.seconds * 1_000);
    this.#counting = false;
    const seconds = (now() - begun) / 1_000;
    sayEnded();
    await sending;
    await this.#arriveEverywhere();
    return {
      seconds,
      acked: this.#acked,
      deliveries: this.#deliveries,
      ackMs: percentilesOf(this.#ackTimes),
      screenMs: percentilesOf(this.#screenTimes),
    };
  }

  delivered(sentAt: number): void {
    if (!this.#counting) return;
    this.#deliveries++;
    this.#screenTimes.record(microseconds(now() - sentAt));
  }

  fault(what: string): void {
    if (this.faults.length < 10) this.faults.push(what);
  }

  #reset(): void {
    this.#acked = 0;
    this.#deliveries = 0;
    this.#ackTimes.reset();
    this.#screenTimes.reset();
  }

  async #sendClosed(end: number, window: number): Promise<void> {
    const keepSending = async (client: Client) => {
      while (now() < end && this.faults.length === 0) await this.#post(client);
    };
    await Promise.all(this.#senders.flatMap((client) => Array.from({ length: window }, () => keepSending(client))));
  }

  async #sendPaced(end: number, rate: number): Promise<void> {
    const senders = this.#senders;
    const begun = now();
    for (let sent = 0; now() < end && this.faults.length === 0;) {
      const due = ((now() - begun) / 1_000) * rate;
      for (; sent < due; sent++) void this.#post(senders[sent % senders.length] as Client);
      await pause(tickMs);
    }
    for (let waited = 0; this.#open > 0 && waited < patienceMs; waited += tickMs) await pause(tickMs);
    if (this.#open > 0) this.fault(`${this.#open} messages were never acknowledged`);
  }

  async #post(client: Client): Promise<void> {
    const n = this.#sent++;
    const sentAt = now();
    this.#open++;
    try {
      const seq = await client.post(`${this.#mark}-${n}`, texts[n % texts.length] ?? '');
      this.ackedEver++;
      const { roomId } = client.seat;
      const highest = this.#highest.get(roomId) ?? 0;
      this.#highest.set(roomId, this.#order === 'none' ? highest + 1 : Math.max(seq, highest));
      if (this.#counting) {
        this.#acked++;
        this.#ackTimes.record(microseconds(now() - sentAt));
      }
    } catch (error) {
      this.fault(error instanceof Error ? error.message : String(error));
    } finally {
      this.#open--;
    }
  }

  get #senders(): Client[] {
    return this.#clients.filter(({ seat }) => seat.sends);
  }

  async #arriveEverywhere(): Promise<void> {
    const goal = ({ seat }: Client) => this.#highest.get(seat.roomId) ?? 0;
    const late = () => this.#clients.filter((client) => client.lastSeq < goal(client));
    for (let waited = 0; late().length > 0 && this.faults.length === 0 && waited < patienceMs; waited += 50) {
      await pause(50);
    }
    const wrong = this.#order === 'none' ? this.#clients.filter((client) => client.lastSeq !== goal(client)) : late();
    for (const client of wrong.slice(0, 3)) {
      const { seat, lastSeq } = client;
      this.fault(`a member of ${seat.roomId} saw fact ${lastSeq} last, ${goal(client)} was acknowledged`);
    }
  }
}

function microseconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * 1_000));
}

function percentilesOf(times: RecordableHistogram): Percentiles {
  return { p50: times.percentile(50) / 1_000, p99: times.percentile(99) / 1_000 };
}
