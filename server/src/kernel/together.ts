import type { MikroORM } from '@mikro-orm/postgresql';
import { Failure } from '@safesend/shared/failure.ts';
import type { RoomEvent, RoomFact } from '@safesend/shared/rooms/event.ts';
import { FactBuffer, lockRooms, writeFacts } from './append.ts';
import type { Commit, FactRef, Head, LockedRooms } from './append.ts';
import type { Answered, AnswerRecord, Command, KeptCommand } from './answers.ts';
import { isWithout } from './faults.ts';
import { gather, type Settled } from './gather.ts';
import type { KnownHead, KnownHeads } from './heads.ts';
import type { Enqueue } from './jobs.ts';
import { query, sqlState, type Em, type Part } from './sql.ts';
import { inTransaction, makeTx, productNow, react, type Reaction } from './transact.ts';

/** One person's command that appends one fact to one room. */
export interface Single<Input> {
  readonly actorId: string;
  readonly roomId: string;
  readonly command: Command;
  readonly input: Input;
  /** Product time when the sender's session was last seen alive, a moment ago; null where nobody asked. */
  readonly seenAt: Date | null;
}

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
  publish(commits: readonly Commit[]): void;
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
   * Numbers what needs no question from the heads as this process remembers them, and writes it in one statement that
   * has the database refuse all of it when a head is another by now. Those it leaves open go the long way.
   */
  async function ahead(singles: readonly Single<Input>[]): Promise<(Result | undefined)[]> {
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
    try {
      deps.publish(await write(deps.orm.em.fork(), ready, now, held, results));
      return results;
    } catch {
      // A head has moved, or one of them spoils it for all: under locks each gets its own answer.
      deps.heads.forget(held.heads.keys());
      return [];
    }
  }

  function appendOwn(buffer: FactBuffer, { roomId, actorId }: Single<Input>, row: Row): FactRef {
    return buffer.append(roomId, verb.fact(row), { marksReadFor: actorId });
  }

  async function underLocks(singles: readonly Single<Input>[], busy: 'wait' | 'skip'): Promise<Result[]> {
    try {
      const { results, commits } = await inTransaction(deps.orm, (em) => shared(em, singles, busy));
      deps.publish(commits);
      return results;
    } catch (error) {
      // The room was held for too long: whoever waited for it is told so, together.
      if (sqlState(error) === lockNotAvailable) return singles.map(() => ({ error }));
      // One of them spoilt it for all, or the database did: each tries by itself and gets its own answer.
      return singles.map((single) => ({ alone: () => verb.alone(single) }));
    }
  }

  async function shared(em: Em, singles: readonly Single<Input>[], busy: 'wait' | 'skip') {
    const { now, results } = await answeredBefore<Answer>(em, deps.answers, singles);
    const fresh = firstOfEachId(singles).filter((at) => !results[at]);
    const candidates = await examine(em, singles, fresh, now, results);
    const rooms = new Set(candidates.flatMap(({ buffer }) => buffer.facts.map((it) => it.ref.roomId)));
    const locked = await lockRooms(em, [...rooms].sort(), busy);
    const ready = candidates.filter((it) => {
      const verdict = judge(it, locked);
      if (verdict) results[it.at] = verdict;
      return !verdict;
    });
    const commits = await write(em, ready, now, locked, results);
    // A twin under the same id in this very batch is answered by the first one's record.
    return { commits, results: singles.map((single, at) => results[at] ?? { alone: () => verb.alone(single) }) };
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
  ): Promise<Commit[]> {
    if (ready.length === 0) return [];
    const rows = ready.map(({ row }) => row);
    const buffer = FactBuffer.merge(ready.map((it) => it.buffer));
    let own: RoomEvent[] = [];
    let answers: Answered<Answer>[] = [];
    const commits = await writeFacts(em, buffer, now, locked, (events) => {
      const byId = new Map(events.map((event) => [event.id, event]));
      own = ready.map(({ ref }) => byId.get(ref.id) as RoomEvent);
      answers = own.map((event) => verb.answer(event));
      const singles = ready.map(({ single }) => single);
      return [verb.write(rows), record(deps.answers, singles, answers, now)];
    });
    ready.forEach(({ at }, place) => (results[at] = { value: answers[place] as Answered<Answer> }));
    verb.followUp(own);
    return commits;
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

  const send = gather<Single<Input>, Answered<Answer>>((singles) => run(singles, 'skip'));
  // While somebody waits for a room nobody overtakes him: who comes later waits in the same lane.
  return (single: Single<Input>) => (lanes.has(single.roomId) ? inLane(single) : send(single));
}

function later(one: Date | null, other: Date | null): Date | null {
  return !one || (other && other > one) ? other : one;
}

function hold(
  held: { heads: Map<string, Head>; members: Map<string, readonly string[]> },
  roomId: string,
  head: KnownHead,
) {
  if (held.heads.has(roomId)) return;
  const { seq, hash, epoch, membersVersion, members } = head;
  held.heads.set(roomId, { room_id: roomId, seq, hash, epoch, members_version: membersVersion });
  held.members.set(roomId, [...members]);
}

/** SQLSTATE of a lock that was not granted in time. */
const lockNotAvailable = '55P03';

/** The places of the commands, each id once: a twin in the same batch waits for the first one's record. */
function firstOfEachId(singles: readonly Single<unknown>[]): number[] {
  const seen = new Set<string>();
  return singles.flatMap(({ actorId, command }, at) => {
    const key = `${actorId} ${command.id}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [at];
  });
}

interface FirstAnswer extends Omit<KeptCommand, 'verb'> {
  readonly now: Date | string;
  readonly at: number;
  readonly verb: string | null;
}

/** Product time, and what was answered under these ids already; a different body under one of them is a conflict. */
async function answeredBefore<Answer>(em: Em, kept: AnswerRecord, singles: readonly Single<unknown>[]) {
  const rows = await query<FirstAnswer>(
    em,
    `select product_now() as now, t.at::int as at, c.verb, c.body_hash, c.status, c.answer
     from unnest($1::uuid[], $2::text[]) with ordinality as t (actor_id, command_id, at)
       left join commands c using (actor_id, command_id)`,
    [singles.map(({ actorId }) => actorId), singles.map(({ command }) => command.id)],
  );
  const results: (Settled<Answered<Answer>> | undefined)[] = singles.map(() => undefined);
  for (const { at, verb, ...first } of rows) {
    const single = singles[at - 1];
    if (!single || verb === null) continue;
    results[at - 1] = await kept.recall<Answer>(em, single.actorId, single.command, { verb, ...first }).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  }
  return { now: new Date(rows[0]?.now ?? Number.NaN), results };
}

/** A twin at another process that was faster makes this fail: the batch rolls back, and each finds out by itself. */
function record(
  kept: AnswerRecord,
  singles: readonly Single<unknown>[],
  answers: readonly Answered[],
  now: Date,
): Part {
  return {
    name: 'recorded',
    text: `insert into commands (actor_id, command_id, verb, body_hash, at, status, answer)
      select t.actor_id, t.command_id, t.verb, t.body_hash, $5::timestamptz, t.status, t.answer
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $6::smallint[], $7::json[])
        as t (actor_id, command_id, verb, body_hash, status, answer)`,
    parameters: [
      singles.map(({ actorId }) => actorId),
      singles.map(({ command }) => command.id),
      singles.map(({ command }) => command.verb),
      singles.map(({ actorId, command }) => kept.bodyHash(actorId, command)),
      now,
      answers.map(({ status }) => status),
      singles.map(({ actorId, command }, at) => kept.pack(actorId, command, answers[at]?.answer)),
    ],
  };
}
