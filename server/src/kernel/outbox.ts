import type { Commit } from './append.ts';

/** After this long other work gets its turn: acknowledgements, and the messages that answer them. */
const turnMs = 3;
/** Between two rounds everything else gets at least this many times what the last one took. */
const restShare = 2;
const shortestRestMs = 1;

/**
 * Commits that wait to be told, in their order within each room. An idle process tells them at once. The longer telling
 * takes, the longer the next round waits, and what comes to a room in between leaves together: one write to each socket
 * for many facts is what a full process saves most with.
 */
export class Outbox {
  readonly #tell: (commit: Commit, waitedMs: number) => void;
  readonly #rooms = new Map<string, { readonly since: number; readonly commits: Commit[] }>();
  #round: string[] = [];
  #roundMs = 0;
  #restUntil = 0;
  #isScheduled = false;

  constructor(tell: (commit: Commit, waitedMs: number) => void) {
    this.#tell = tell;
  }

  put(commits: readonly Commit[]): void {
    for (const commit of commits) this.#add(commit);
    if (this.#isScheduled) return;
    const rest = this.#restUntil - performance.now();
    if (rest > 0) this.#schedule(() => setTimeout(() => this.#begin(), rest));
    else this.#begin();
  }

  /** Is something of this room still to be told? */
  holds(roomId: string): boolean {
    return this.#rooms.has(roomId);
  }

  #add(commit: Commit): void {
    const waiting = this.#rooms.get(commit.roomId)?.commits;
    if (!waiting) return void this.#rooms.set(commit.roomId, { since: performance.now(), commits: [commit] });
    const last = waiting.at(-1);
    if (last && leavesWith(last, commit))
      waiting.splice(-1, 1, { ...commit, events: [...last.events, ...commit.events] });
    else waiting.push(commit);
  }

  #begin(): void {
    this.#isScheduled = false;
    this.#round = [...this.#rooms.keys()];
    this.#roundMs = 0;
    this.#turn();
  }

  #turn(): void {
    this.#isScheduled = false;
    const begun = performance.now();
    let now = begun;
    for (let roomId = this.#round.pop(); roomId !== undefined; roomId = this.#round.pop()) {
      const { commits = [], since = now } = this.#rooms.get(roomId) ?? {};
      this.#rooms.delete(roomId);
      for (const commit of commits) this.#tell(commit, now - since);
      now = performance.now();
      if (now - begun >= turnMs) break;
    }
    this.#roundMs += now - begun;
    if (this.#round.length > 0) return this.#schedule(() => setImmediate(() => this.#turn()));
    const rest = this.#roundMs * restShare;
    this.#restUntil = rest < shortestRestMs ? 0 : now + rest;
    if (this.#rooms.size > 0) this.#schedule(() => setTimeout(() => this.#begin(), rest));
  }

  #schedule(start: () => unknown): void {
    this.#isScheduled = true;
    start();
  }
}

/** Facts for the same people, none of whom the second commit sends away, and none of another process between them. */
function leavesWith(first: Commit, second: Commit): boolean {
  if (second.events[0]?.seq !== (first.events.at(-1)?.seq ?? 0) + 1) return false;
  if (first.epoch !== second.epoch || first.membersVersion === null) return false;
  return first.membersVersion === second.membersVersion && first.expelled.length + second.expelled.length === 0;
}
