import { seeded } from '../../../scripts/seeded.ts';

/** Milliseconds of one processor each, for one message. */
export interface Costs {
  readonly membersPerRoom: number;
  /** To check, number, seal and write it, at the process that took it. */
  readonly engineMs: number;
  readonly deliveryMs: number;
  /** To hear of it at another process. */
  readonly receiveMs: number;
  readonly postgresMs: number;
  readonly primaryCores: number;
  /** A commit's flush: time, no processor. */
  readonly flushMs: number;
}

export interface Shape {
  readonly processes: number;
  /** Rooms are dealt out over them by a hash of their id. */
  readonly primaries: number;
  /** A process hears only of rooms its people are in. */
  readonly shardedPubSub: boolean;
}

export interface Outcome {
  readonly p99Ms: number;
  /** Nothing is full where each process waits for its one commit in flight. */
  readonly full: 'processes' | 'primary' | 'waiting';
  /** Of the primaries: the work of the busiest, of the mean. */
  readonly skew: number;
}

interface Work {
  left: number;
  done(): void;
}

/** So much work in a millisecond on each of its processors; one piece is never on two. */
class Machine {
  #queue: Work[] = [];
  readonly #cores: number;
  used = 0;

  constructor(cores: number) {
    this.#cores = cores;
  }

  add(left: number, done: () => void = () => undefined): void {
    this.#queue.push({ left, done });
  }

  tick(): void {
    for (let core = 0, at = 0; core < this.#cores; core++) {
      for (let budget = 1; budget > 0 && at < this.#queue.length;) {
        const work = this.#queue[at] as Work;
        const spent = Math.min(budget, work.left);
        work.left -= spent;
        budget -= spent;
        this.used += spent;
        if (work.left > 0) break;
        at++;
        work.done();
      }
      if ((this.#queue[at]?.left ?? 0) > 0) at++;
    }
    this.#queue = this.#queue.filter(({ left }) => left > 0);
  }
}

interface Message {
  readonly room: number;
  readonly sentAt: number;
}

const rooms = 1_000;
const seconds = 2;
const warmUpMs = 500;
const maxBatch = 256;

/** Processes that gather messages into commits, primaries that take them, and deliveries, in steps of a millisecond. */
export class Cluster {
  readonly #shape: Shape;
  readonly #costs: Costs;
  readonly #chance: () => number;
  readonly #processes: Machine[];
  readonly #primaries: Machine[];
  /** Per process and primary: what waits for the commit in flight. */
  readonly #waiting = new Map<string, Message[]>();
  readonly #inFlight = new Set<string>();
  #flushing: { at: number; done(): void }[] = [];
  readonly #times: number[] = [];
  #now = 0;

  constructor(shape: Shape, costs: Costs, seed: number) {
    this.#shape = shape;
    this.#costs = costs;
    this.#chance = seeded(seed);
    this.#processes = Array.from({ length: shape.processes }, () => new Machine(1));
    this.#primaries = Array.from({ length: shape.primaries }, () => new Machine(costs.primaryCores));
  }

  run(rate: number): Outcome {
    const end = seconds * 1_000;
    for (let owed = 0; this.#now < end; this.#now++) {
      for (owed += rate / 1_000; owed >= 1; owed--) this.#arrive();
      for (const machine of [...this.#processes, ...this.#primaries]) machine.tick();
      this.#flush();
    }
    const share = (machines: readonly Machine[], cores: number) =>
      Math.max(...machines.map(({ used }) => used)) / (end * cores);
    const used = this.#primaries.map((primary) => primary.used);
    const mean = used.reduce((sum, each) => sum + each, 0) / used.length;
    const [primaries, processes] = [share(this.#primaries, this.#costs.primaryCores), share(this.#processes, 1)];
    const full = Math.max(primaries, processes) < 0.85 ? 'waiting' : primaries > processes ? 'primary' : 'processes';
    return { p99Ms: this.#p99(rate), full, skew: Math.max(...used) / mean };
  }

  /** Some rooms are much livelier than others. */
  #arrive(): void {
    const room = Math.floor(this.#chance() ** 2 * rooms);
    const message = { room, sentAt: this.#now };
    const at = Math.floor(this.#chance() * this.#shape.processes);
    const key = `${at} ${hashed(room) % this.#shape.primaries}`;
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, waiting);
    waiting.push(message);
    this.#commitNext(key);
  }

  #commitNext(key: string): void {
    const waiting = this.#waiting.get(key) ?? [];
    if (waiting.length === 0 || this.#inFlight.has(key)) return;
    this.#inFlight.add(key);
    const batch = waiting.splice(0, maxBatch);
    const [at = 0, primary = 0] = key.split(' ').map(Number);
    const { engineMs, postgresMs, flushMs } = this.#costs;
    const committed = () => {
      this.#inFlight.delete(key);
      this.#deliver(batch, at);
      this.#commitNext(key);
    };
    const written = () => this.#flushing.push({ at: this.#now + flushMs, done: committed });
    const sealed = () => this.#primaries[primary]?.add(batch.length * postgresMs, written);
    this.#processes[at]?.add(batch.length * engineMs, sealed);
  }

  #flush(): void {
    const due = this.#flushing.filter(({ at }) => at <= this.#now);
    this.#flushing = this.#flushing.filter(({ at }) => at > this.#now);
    for (const { done } of due) done();
  }

  /** A room's people sit at processes that its hash names: as many as it has people, at most. */
  #deliver(batch: readonly Message[], from: number): void {
    const { deliveryMs, receiveMs, membersPerRoom } = this.#costs;
    const { processes, shardedPubSub } = this.#shape;
    for (const { room, sentAt } of batch) {
      const here = new Map<number, number>();
      for (let member = 0; member < membersPerRoom; member++) {
        const at = hashed(room * 31 + member) % processes;
        here.set(at, (here.get(at) ?? 0) + 1);
      }
      this.#processes.forEach((machine, at) => {
        const members = here.get(at) ?? 0;
        if (at !== from && (members > 0 || !shardedPubSub)) machine.add(receiveMs);
        if (members > 0) machine.add(members * deliveryMs, () => this.#times.push(this.#now - sentAt, this.#now));
      });
    }
  }

  /** Of deliveries after the warm-up; a backlog that was never delivered counts as late. */
  #p99(rate: number): number {
    const late: number[] = [];
    for (let at = 0; at < this.#times.length; at += 2) {
      if ((this.#times[at + 1] ?? 0) >= warmUpMs) late.push(this.#times[at] ?? 0);
    }
    const waiting = [...this.#waiting.values()].reduce((sum, messages) => sum + messages.length, 0);
    if (waiting > rate / 2) return Number.POSITIVE_INFINITY;
    return late.sort((a, b) => a - b)[Math.floor(late.length * 0.99)] ?? 0;
  }
}

/** Spreads neighbouring numbers (the finalizer of MurmurHash3). */
function hashed(number: number): number {
  let bits = number ^ (number >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
