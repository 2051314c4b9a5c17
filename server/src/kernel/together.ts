import type { MikroORM } from '@mikro-orm/postgresql';
import { Failure } from '@safesend/shared/failure.ts';
import type { RoomEvent, RoomFact } from '@safesend/shared/rooms/event.ts';
import { lockRooms, writeFacts, writeUnmoved, type Commit, type LockedRooms, type WriteAlong } from './append.ts';
import { FactBuffer, type FactRef } from './fact-buffer.ts';
import type { Head } from './fact-parts.ts';
import type { Answered, AnswerRecord } from './answers.ts';
import { isWithout } from './faults.ts';
import { answeredBefore, firstOfEachId, hold, later, record, type Single } from './batch.ts';
import { gather, type Settled } from './gather.ts';
import type { KnownHeads } from './heads.ts';
import type { Enqueue } from './jobs.ts';
import type { Metrics } from './metrics.ts';
import { sqlState, type Em, type Part } from './sql.ts';
import { inTransaction, makeTx, productNow, react, type Reaction } from './transact.ts';

/** A verb whose commands may share a transaction with those of other people and rooms. */
export interface SharedVerb<Input, Row, Answer> {
  /** The row to write when nothing has to be asked for it and nobody reacts to it; otherwise null. */
  plain(single: Single<Input>, now: Date): Row | null;
  /** Per command: the row to write, why not, or `alone` when it needs more than this path does. */
  check(em: Em, singles: readonly Single<Input>[], now: Date): Promise<readonly (Row | Failure | 'alone')[]>;
  write(rows: readonly Row[]): Part;
  fact(row: Row): RoomFact;
  /** Does anybody react to this fact? What nobody reacts to need not be asked about. */
  hasReactions(row: Row): boolean;
  answer(event: RoomEvent): Answered<Answer>;
  /** The same command on the general path: what cannot be shared, and each of a batch that failed. */
  alone(single: Single<Input>): Promise<Answered<Answer>>;
  /** What follows the commit of these facts without being part of it. */
  followUp(events: readonly RoomEvent[]): void;
}

interface Deps {
  readonly orm: MikroORM;
  readonly enqueue: Enqueue;
  readonly answers: AnswerRecord;
  readonly reactions: readonly Reaction[];
  readonly heads: KnownHeads;
  readonly metrics: Metrics;
  publish(commits: readonly Commit[]): void;
}

/** The commits of a batch, and of its facts the commands' own, not those of reactions. */
interface Written {
  readonly commits: readonly Commit[];
  readonly own: readonly RoomEvent[];
}

/** A command that will be written, with the facts it brings: its own first. */
interface Ready<Input, Row> {
  readonly at: number;
  readonly single: Single<Input>;
  readonly row: Row;
  readonly buffer: FactBuffer;
  readonly ref: FactRef;
}

/**
 * Group commit: what arrives while one COMMIT is in flight shares the next one, through the same numbering, hashing and
 * recipient code as every other fact. A poisoned command fails alone. A room that somebody else holds is left out, and
 * its commands wait for it together in a lane of their own: they delay nobody else.
 */
export function together<Input, Row, Answer>(deps: Deps, verb: SharedVerb<Input, Row, Answer>) {
  type Result = Settled<Answered<Answer>>;
  type Send = (single: Single<Input>) => Promise<Answered<Answer>>;
  const lanes = new Map<string, { send: Send; waiting: number }>();
  /** How often a room had moved when they came. */
  const refused = new WeakMap<Single<Input>, number>();

  async function run(singles: readonly Single<Input>[], busy: 'wait' | 'skip'): Promise<Result[]> {
    const results: (Result | undefined)[] = busy === 'skip' ? await ahead(singles) : [];
    const rest = singles.flatMap((_, at) => (results[at] ? [] : [at]));
    if (rest.length > 0) {
      const behind = await underLocks(
        rest.flatMap((at) => singles[at] ?? []),
        busy,
      );
      rest.forEach((at, place) => (results[at] = behind[place]));
    }
    return results as Result[];
  }

  /**
   * Numbers what needs no question from the heads as this process remembers them, and writes it in one statement into the
   * rooms that are still there. Into those that have moved it is tried again with the next batch, from where the database
   * says they are now; what that does not settle either, and what this leaves open, goes the long way.
   */
  async function ahead(singles: readonly Single<Input>[]): Promise<(Result | undefined)[]> {
    const begun = performance.now();
    const results: (Result | undefined)[] = [];
    const known = firstOfEachId(singles).filter((at) => deps.heads.find(singles[at]?.roomId ?? ''));
    if (known.length === 0) return results;
    const seenAt = singles.reduce<Date | null>((newest, single) => later(newest, single.seenAt), null);
    const now = seenAt ?? (await productNow(deps.orm.em.fork()));
    const held = { heads: new Map<string, Head>(), members: new Map<string, readonly string[]>() };
    const ready = known.flatMap((at): Ready<Input, Row>[] => {
      const single = singles[at] as Single<Input>;
      const head = deps.heads.find(single.roomId);
      const row = head?.members.has(single.actorId) ? verb.plain(single, now) : null;
      if (!head || !row) return [];
      hold(held, single.roomId, head);
      const buffer = new FactBuffer(single.actorId);
      return [{ at, single, row, buffer, ref: appendOwn(buffer, single, row) }];
    });
    const writeAhead: WriteAlong = async (em, buffer, at, locked, along) => {
      const { commits, others } = await writeUnmoved(em, buffer, at, locked, along);
      for (const head of others) deps.heads.correct(head);
      return commits;
    };
    try {
      announce(await write(deps.orm.em.fork(), ready, now, held, results, writeAhead), begun);
      for (const { at, single } of ready) if (!results[at] && mayTryAgain(single)) results[at] = 'again';
      return results;
    } catch {
      // One of them spoils it for all: under locks each gets its own answer.
      deps.heads.forget(held.heads.keys());
      return [];
    }
  }

  function mayTryAgain(single: Single<Input>): boolean {
    const tries = (refused.get(single) ?? 0) + 1;
    refused.set(single, tries);
    return tries < triesAhead && deps.heads.find(single.roomId) !== undefined;
  }

  function appendOwn(buffer: FactBuffer, { roomId, actorId }: Single<Input>, row: Row): FactRef {
    return buffer.append(roomId, verb.fact(row), { marksReadFor: actorId });
  }

  async function underLocks(singles: readonly Single<Input>[], busy: 'wait' | 'skip'): Promise<Result[]> {
    const begun = performance.now();
    try {
      const { results, written } = await inTransaction(deps.orm, (em) => shared(em, singles, busy));
      announce(written, begun);
      return results;
    } catch (error) {
      // Whoever waited for the room is told so, together.
      if (error instanceof HeldTooLong) return singles.map(() => ({ error }));
      // One of them spoilt it for all, or the database did: each tries by itself and gets its own answer.
      return singles.map((single) => ({ alone: () => verb.alone(single) }));
    }
  }

  async function shared(em: Em, singles: readonly Single<Input>[], busy: 'wait' | 'skip') {
    const { now, results } = await answeredBefore<Answer>(em, deps.answers, singles);
    const fresh = firstOfEachId(singles).filter((at) => !results[at]);
    const candidates = await examine(em, singles, fresh, now, results);
    const rooms = new Set(candidates.flatMap(({ buffer }) => buffer.facts.map((it) => it.ref.roomId)));
    const locked = await lockRooms(em, [...rooms].sort(), busy).catch((error: unknown) => {
      throw sqlState(error) === lockNotAvailable ? new HeldTooLong('A room was held.', { cause: error }) : error;
    });
    const ready = candidates.filter((it) => {
      const verdict = judge(it, locked);
      if (verdict) results[it.at] = verdict;
      return !verdict;
    });
    const written = await write(em, ready, now, locked, results, writeFacts);
    // A twin under the same id in this very batch is answered by the first one's record.
    return { written, results: singles.map((single, at) => results[at] ?? { alone: () => verb.alone(single) }) };
  }

  /** Asks the verb, and lets the reactions append theirs, before any room is locked. */
  async function examine(
    em: Em,
    singles: readonly Single<Input>[],
    fresh: readonly number[],
    now: Date,
    results: (Result | undefined)[],
  ): Promise<Ready<Input, Row>[]> {
    const asked = fresh.flatMap((at) => singles[at] ?? []);
    const checked = await verb.check(em, asked, now);
    const candidates: Ready<Input, Row>[] = [];
    for (const [place, single] of asked.entries()) {
      const at = fresh[place] ?? 0;
      const row = checked[place] as Row | Failure | 'alone';
      if (row instanceof Failure) results[at] = { error: row };
      else if (row === 'alone') results[at] = { alone: () => verb.alone(single) };
      else {
        const buffer = new FactBuffer(single.actorId);
        const ref = appendOwn(buffer, single, row);
        const tx = makeTx(em, { id: single.actorId }, now, buffer, deps.enqueue);
        if (verb.hasReactions(row)) await react(deps.reactions, tx, buffer);
        candidates.push({ at, single, row, buffer, ref });
      }
    }
    return candidates;
  }

  function judge({ single, buffer }: Ready<Input, Row>, { heads, members }: LockedRooms): Result | null {
    if (buffer.facts.some(({ ref }) => !heads.has(ref.roomId))) return { alone: () => inLane(single) };
    if (members.get(single.roomId)?.includes(single.actorId) || isWithout('membership-under-lock')) return null;
    return { error: new Failure('missing', 'No such room.') };
  }

  async function write(
    em: Em,
    ready: readonly Ready<Input, Row>[],
    now: Date,
    locked: LockedRooms,
    results: (Result | undefined)[],
    writeAll: WriteAlong,
  ): Promise<Written> {
    if (ready.length === 0) return { commits: [], own: [] };
    const rows = ready.map(({ row }) => row);
    const buffer = FactBuffer.merge(ready.map((it) => it.buffer));
    let answers: { readonly event: RoomEvent; readonly answer: Answered<Answer> }[] = [];
    const commits = await writeAll(em, buffer, now, locked, (events) => {
      const byId = new Map(events.map((event) => [event.id, event]));
      const own = ready.map(({ ref }) => byId.get(ref.id) as RoomEvent);
      answers = own.map((event) => ({ event, answer: verb.answer(event) }));
      const singles = ready.map(({ single }) => single);
      return [
        verb.write(rows),
        record(
          deps.answers,
          singles,
          answers.map(({ answer }) => answer),
          now,
        ),
      ];
    });
    const written = new Set(commits.map(({ roomId }) => roomId));
    ready.forEach(({ at, ref }, place) => {
      if (written.has(ref.roomId)) results[at] = { value: answers[place]?.answer as Answered<Answer> };
    });
    return { commits, own: answers.flatMap(({ event }) => (written.has(event.roomId) ? [event] : [])) };
  }

  /** After the commit, and only then (L4). */
  function announce({ commits, own }: Written, begun: number): void {
    if (own.length === 0) return;
    deps.metrics.committed(own.length, (performance.now() - begun) / 1_000);
    deps.publish(commits);
    verb.followUp(own);
  }

  /** Waits for one room, together with everybody else who waits for it. */
  async function inLane(single: Single<Input>): Promise<Answered<Answer>> {
    const { roomId } = single;
    const lane = lanes.get(roomId) ?? {
      send: gather<Single<Input>, Answered<Answer>>((it) => run(it, 'wait')),
      waiting: 0,
    };
    lanes.set(roomId, lane);
    lane.waiting += 1;
    try {
      return await lane.send(single);
    } finally {
      lane.waiting -= 1;
      if (lane.waiting === 0) lanes.delete(roomId);
    }
  }

  const send = gather<Single<Input>, Answered<Answer>>(
    (singles, waitedMs) => {
      deps.metrics.queued(waitedMs / 1_000);
      return run(singles, 'skip');
    },
    { restMs: 1 },
  );
  // While somebody waits for a room nobody overtakes him: who comes later waits in the same lane.
  return (single: Single<Input>) => (lanes.has(single.roomId) ? inLane(single) : send(single));
}

/** After so many refusals in a row the room is locked before it is numbered. */
const triesAhead = 3;

/** SQLSTATE of a lock that was not granted in time. */
const lockNotAvailable = '55P03';

/** The room itself was not let go; anything else that is held concerns one of the commands alone. */
class HeldTooLong extends Error {}
