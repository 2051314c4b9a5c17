import type { MikroORM } from '@mikro-orm/postgresql';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { RoomEvent, RoomFact } from '@safesend/shared/rooms/event.ts';
import { FactBuffer, lockRooms, writeFacts, type Commit, type LockedRooms } from './append.ts';
import { sha256 } from './chain.ts';
import { gather, type Settled } from './gather.ts';
import { query, type Em } from './sql.ts';
import { inTransaction, productNow, type Answered, type Command } from './transact.ts';

/** One person's command that appends one fact to one room. */
export interface Single<Input> {
  readonly actorId: string;
  readonly roomId: string;
  readonly command: Command;
  readonly input: Input;
}

/** A verb whose commands may share a transaction with those of other people and rooms. */
export interface SharedVerb<Input, Row, Answer> {
  /** Per command: the row to write, why not, or `alone` when it needs more than this path does. */
  check(em: Em, singles: readonly Single<Input>[], now: Date): Promise<readonly (Row | Failure | 'alone')[]>;
  write(em: Em, rows: readonly Row[]): Promise<void>;
  fact(row: Row): RoomFact;
  answer(event: RoomEvent): Answered<Answer>;
  /** The same command on the general path: what cannot be shared, and each of a batch that failed. */
  alone(single: Single<Input>): Promise<Answered<Answer>>;
}

interface Deps {
  readonly orm: MikroORM;
  publish(commits: readonly Commit[]): void;
}

/** How often a command waits for a room that somebody else holds before it queues for that room by itself. */
const maxPasses = 3;

/**
 * Group commit: what arrives while one COMMIT is in flight shares the next one, through the same numbering, hashing and
 * recipient code as every other fact. A poisoned command fails alone, a held room delays only its own commands.
 */
export function together<Input, Row, Answer>(deps: Deps, verb: SharedVerb<Input, Row, Answer>) {
  const passes = new WeakMap<Single<Input>, number>();

  async function run(singles: readonly Single<Input>[]): Promise<Settled<Answered<Answer>>[]> {
    try {
      const { results, commits } = await inTransaction(deps.orm, (em) => shared(em, singles));
      deps.publish(commits);
      return results;
    } catch {
      // One of them spoilt it for all, or the database did: each tries by itself and gets its own answer.
      return singles.map((single) => ({ alone: () => verb.alone(single) }));
    }
  }

  async function shared(em: Em, singles: readonly Single<Input>[]) {
    const now = await productNow(em);
    const results = await answeredBefore<Answer>(em, singles);
    const fresh = singles.filter((single, at) => !results[at] && isFirstOfItsId(singles, single, at));
    const checked = await verb.check(em, fresh, now);
    const locked = await lockRooms(em, roomsOf(fresh.filter((_, at) => isRow(checked[at]))), 'skip');
    const ready: { single: Single<Input>; row: Row }[] = [];
    fresh.forEach((single, at) => {
      const row = checked[at] as Row | Failure | 'alone';
      const verdict = judge(single, row, locked);
      if (verdict) results[singles.indexOf(single)] = verdict;
      else ready.push({ single, row: row as Row });
    });
    const commits = await write(
      em,
      ready,
      now,
      locked,
      (single, value) => (results[singles.indexOf(single)] = { value }),
    );
    // A twin under the same id in this very batch is answered by the first one's record.
    return { commits, results: singles.map((single, at) => results[at] ?? { alone: () => verb.alone(single) }) };
  }

  function judge(
    single: Single<Input>,
    row: Row | Failure | 'alone',
    { heads, members }: LockedRooms,
  ): Settled<Answered<Answer>> | null {
    if (row instanceof Failure) return { error: row };
    if (row === 'alone') return { alone: () => verb.alone(single) };
    if (!heads.has(single.roomId)) return again(single);
    if (!members.get(single.roomId)?.includes(single.actorId))
      return { error: new Failure('missing', 'No such room.') };
    return null;
  }

  function again(single: Single<Input>): Settled<Answered<Answer>> {
    const pass = (passes.get(single) ?? 0) + 1;
    passes.set(single, pass);
    return pass < maxPasses ? 'again' : { alone: () => verb.alone(single) };
  }

  async function write(
    em: Em,
    ready: readonly { single: Single<Input>; row: Row }[],
    now: Date,
    locked: LockedRooms,
    answered: (single: Single<Input>, answer: Answered<Answer>) => void,
  ): Promise<Commit[]> {
    if (ready.length === 0) return [];
    await verb.write(
      em,
      ready.map(({ row }) => row),
    );
    const buffer = new FactBuffer(null);
    const refs = ready.map(({ single, row }) => buffer.appendFor(single.actorId, single.roomId, verb.fact(row)));
    const commits = await writeFacts(em, buffer, now, locked);
    const events = new Map(commits.flatMap((commit) => commit.events.map((event) => [event.id, event])));
    const answers = refs.map(({ id }) => verb.answer(events.get(id) as RoomEvent));
    await record(
      em,
      ready.map(({ single }) => single),
      answers,
      now,
    );
    ready.forEach(({ single }, at) => answered(single, answers[at] as Answered<Answer>));
    return commits;
  }

  return gather(run);
}

function isRow<Row>(checked: Row | Failure | 'alone' | undefined): boolean {
  return checked !== undefined && checked !== 'alone' && !(checked instanceof Failure);
}

function roomsOf(singles: readonly { roomId: string }[]): string[] {
  return [...new Set(singles.map(({ roomId }) => roomId))].sort();
}

function isFirstOfItsId(
  singles: readonly Single<unknown>[],
  { actorId, command }: Single<unknown>,
  at: number,
): boolean {
  return singles.findIndex((it) => it.actorId === actorId && it.command.id === command.id) === at;
}

/** The answers that were given under these ids already; a different body under one of them is a conflict. */
async function answeredBefore<Answer>(
  em: Em,
  singles: readonly Single<unknown>[],
): Promise<(Settled<Answered<Answer>> | undefined)[]> {
  const rows = await query<{ at: number; verb: string; body_hash: string; status: number; answer: Answer }>(
    em,
    `select t.at::int as at, c.verb, c.body_hash, c.status, c.answer
     from unnest($1::uuid[], $2::text[]) with ordinality as t (actor_id, command_id, at) join commands c using (actor_id, command_id)`,
    [singles.map(({ actorId }) => actorId), singles.map(({ command }) => command.id)],
  );
  const results: (Settled<Answered<Answer>> | undefined)[] = singles.map(() => undefined);
  for (const { at, verb, body_hash, status, answer } of rows) {
    const single = singles[at - 1];
    const same = single && single.command.verb === verb && bodyHash(single.command) === body_hash;
    results[at - 1] = same
      ? { value: { status, answer } }
      : { error: new Failure('conflict', 'This command id was used for something else.') };
  }
  return results;
}

async function record(
  em: Em,
  singles: readonly Single<unknown>[],
  answers: readonly Answered[],
  now: Date,
): Promise<void> {
  const recorded = await query(
    em,
    `insert into commands (actor_id, command_id, verb, body_hash, at, status, answer)
     select t.actor_id, t.command_id, t.verb, t.body_hash, $5, t.status, t.answer
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $6::smallint[], $7::json[])
       as t (actor_id, command_id, verb, body_hash, status, answer)
     on conflict do nothing returning 1 as one`,
    [
      singles.map(({ actorId }) => actorId),
      singles.map(({ command }) => command.id),
      singles.map(({ command }) => command.verb),
      singles.map(({ command }) => bodyHash(command)),
      now,
      answers.map(({ status }) => status),
      answers.map(({ answer }) => JSON.stringify(answer)),
    ],
  );
  // A twin at another process was faster: roll back, and let each find that out by itself.
  if (recorded.length < singles.length) throw new Failure('conflict', 'A command id was taken in between.');
}

function bodyHash({ input }: Command): string {
  return sha256(canonicalJson(input));
}
