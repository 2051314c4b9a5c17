import { IsolationLevel, type MikroORM } from '@mikro-orm/postgresql';
import { Failure } from '@safesend/shared/failure.ts';
import type { RoomEvent, RoomFact } from '@safesend/shared/rooms/event.ts';
import { writeFacts, type Commit } from './append.ts';
import { FactBuffer, type FactRef, type NewMember, type NewRoom } from './fact-buffer.ts';
import type { Answered, AnswerRecord, Command, KeptCommand } from './answers.ts';
import type { Enqueue, JobName, JobData } from './jobs.ts';
import { query, queryOne, sqlState, type Em } from './sql.ts';

/** Who acts. Null is the product itself. */
export interface Actor {
  readonly id: string | null;
}

export interface Tx {
  readonly em: Em;
  readonly actor: Actor;
  /** The acting person; a verb that needs one fails for anybody else. */
  readonly me: string;
  /** Product time, read once when the transaction began. */
  readonly now: Date;
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  append(roomId: string, fact: RoomFact): FactRef;
  /** For a fact that names another fact's number: `fact` is called when the numbers are known. */
  appendLater(roomId: string, type: RoomFact['type'], fact: () => RoomFact): FactRef;
  /** Appends a message and moves its author's read mark to it. */
  appendOwn(roomId: string, fact: RoomFact): FactRef;
  openRoom(room: NewRoom): void;
  retitleRoom(roomId: string, title: string): void;
  /** Lets a person in from this fact on. */
  admit(roomId: string, member: NewMember, fact: RoomFact): FactRef;
  /** Ends a membership with this fact, which the person no longer receives. */
  expel(roomId: string, userId: string, reason: 'removed' | 'left', fact: RoomFact): FactRef;
  /** Every read door shows this message's facts without their text from now on. */
  redact(roomId: string, subjectId: string): void;
  /** The commit fails as `missing` when this person has left the room by then. */
  requireMember(roomId: string, userId: string): void;
  /** This person is told of the room elsewhere. When he has left it by the commit, the work runs again. */
  tellAsMember(roomId: string, userId: string): void;
  /** Runs once the facts have their numbers, before the commit. */
  whenNumbered(work: () => Promise<void>): void;
  /** After the commit the sockets of these credentials are cut, on every process. */
  endCredentials(keys: readonly string[]): void;
  /** After the commit this round is made at once, in this process; it would be at its next time. */
  wake(round: string): void;
  /** Work for after the commit; a rollback takes it along. */
  enqueue<Name extends JobName>(name: Name, data: JobData[Name]): Promise<void>;
}

/** When one of these facts happened, also do this, in the same transaction. */
export interface Reaction {
  readonly on: readonly RoomFact['type'][];
  react(tx: Tx, happened: { readonly ref: FactRef; readonly fact: RoomFact }): Promise<void>;
}

export interface Outcome<Result> {
  readonly result: Result;
  readonly events: readonly RoomEvent[];
}

interface Deps {
  readonly orm: MikroORM;
  readonly enqueue: Enqueue;
  /** Null where nobody sends command ids. */
  readonly answers: AnswerRecord | null;
  readonly reactions: readonly Reaction[];
  publish(commits: readonly Commit[]): void;
  credentialsEnded(keys: readonly string[]): void;
  /** Absent where no rounds are made. */
  wake?(round: string): void;
}

/** What a commit leaves to be told. */
interface Done {
  readonly commits: readonly Commit[];
  readonly ended: readonly string[];
  readonly woken: Iterable<string>;
}
const nothingDone: Done = { commits: [], ended: [], woken: [] };

export type Transact = ReturnType<typeof transactor>;

/** The only door to a change: everything in `work` and its facts commit together or not at all. */
export function transactor(deps: Deps) {
  /** Runs without a command id. */
  async function transact<Result>(actor: Actor, work: (tx: Tx) => Promise<Result>): Promise<Outcome<Result>> {
    return retried(async () => {
      const done = await inTransaction(deps.orm, async (em) => attempt(em, actor, await productNow(em), work));
      announce(done);
      return done;
    });
  }

  /** Runs at most once per (actor, command id); sent again, it answers again what it answered first. */
  async function command<Result, Answer>(
    actor: { readonly id: string },
    command: Command,
    work: (tx: Tx) => Promise<Result>,
    answer: (outcome: Outcome<Result>) => Answered<Answer>,
  ): Promise<Answered<Answer>> {
    const { answers } = deps;
    if (!answers) throw new Error('no command ids are kept here');
    return retried(async () => {
      const done = await inTransaction(deps.orm, async (em) => {
        const claimed = await claim(em, answers, actor.id, command);
        if (!(claimed instanceof Date)) return { answered: claimed as Answered<Answer>, ...nothingDone };
        const outcome = await attempt(em, actor, claimed, work);
        const answered = answer(outcome);
        await query(em, 'update commands set status = $3, answer = $4 where actor_id = $1 and command_id = $2', [
          actor.id,
          command.id,
          answered.status,
          answers.pack(actor.id, command, answered.answer),
        ]);
        const { commits, ended, woken } = outcome;
        return { answered, commits, ended, woken };
      });
      announce(done);
      return done.answered;
    });
  }

  /** After COMMIT, and only then (L4). */
  function announce({ commits, ended, woken }: Done): void {
    deps.publish(commits);
    if (ended.length > 0) deps.credentialsEnded(ended);
    for (const round of woken) deps.wake?.(round);
  }

  async function attempt<Result>(em: Em, actor: Actor, now: Date, work: (tx: Tx) => Promise<Result>) {
    const buffer = new FactBuffer(actor.id);
    const tx = makeTx(em, actor, now, buffer, deps.enqueue);
    const result = await work(tx);
    await em.flush();
    await react(deps.reactions, tx, buffer);
    const commits = await writeFacts(em, buffer, tx.now);
    const { endedCredentials: ended, woken } = buffer;
    return { result, commits, ended, woken, events: inOrderOfAppending(buffer, commits) };
  }

  return Object.assign(transact, { command });
}

/** Lets other modules do what belongs to what happened. They append too; the loop reaches what they appended. */
export async function react(reactions: readonly Reaction[], tx: Tx, buffer: FactBuffer): Promise<void> {
  for (let at = 0; at < buffer.facts.length; at++) {
    const { ref, fact } = buffer.facts[at] ?? {};
    const ready = reactions.filter(({ on }) => ref && on.includes(ref.type));
    if (ref && fact) for (const reaction of ready) await reaction.react(tx, { ref, fact: fact() });
  }
  await tx.em.flush();
}

/** Opens a transaction; everything that changes something stands in one of these. */
export function inTransaction<Result>(orm: MikroORM, work: (em: Em) => Promise<Result>): Promise<Result> {
  return orm.em.fork().transactional((em) => work(em as Em));
}

/** Several reads of one instant: what they say belongs together. */
export async function atOneInstant<Result>(em: Em, read: (em: Em) => Promise<Result>): Promise<Result> {
  const options = { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true };
  return em.transactional((reading) => read(reading), options);
}

export async function productNow(em: Em): Promise<Date> {
  const row = await queryOne<{ now: Date | string }>(em, 'select product_now() as now');
  return new Date(row?.now ?? Number.NaN);
}

/** Takes the command id and tells product time, or what was answered under it. Waits for a twin that is still at work. */
async function claim(em: Em, answers: AnswerRecord, actorId: string, command: Command): Promise<Date | Answered> {
  const claimed = await queryOne<{ at: Date | string }>(
    em,
    `insert into commands (actor_id, command_id, verb, body_hash, at) values ($1, $2, $3, $4, product_now())
     on conflict do nothing returning at`,
    [actorId, command.id, command.verb, answers.bodyHash(actorId, command)],
  );
  if (claimed) return new Date(claimed.at);
  const kept = await queryOne<KeptCommand>(
    em,
    'select verb, body_hash, status, answer from commands where actor_id = $1 and command_id = $2',
    [actorId, command.id],
  );
  return answers.recall(em, actorId, command, kept);
}

export function makeTx(em: Em, actor: Actor, now: Date, buffer: FactBuffer, enqueue: Enqueue): Tx {
  return {
    em,
    actor,
    now,
    get me() {
      if (actor.id === null) throw new Failure('unauthenticated', 'Sign in first.');
      return actor.id;
    },
    query: (text, parameters) => query(em, text, parameters),
    append: (roomId, fact) => buffer.append(roomId, fact),
    appendLater: (roomId, type, fact) => buffer.appendLater(roomId, type, fact),
    appendOwn: (roomId, fact) => buffer.append(roomId, fact, actor.id === null ? {} : { marksReadFor: actor.id }),
    openRoom: (room) => void buffer.rooms.push(room),
    retitleRoom: (roomId, title) => void buffer.retitles.set(roomId, title),
    admit: (roomId, member, fact) => buffer.append(roomId, fact, { admits: member }),
    expel: (roomId, userId, reason, fact) => buffer.append(roomId, fact, { expels: { userId, reason } }),
    redact: (roomId, subjectId) => void buffer.redactions.push({ roomId, subjectId }),
    requireMember: (roomId, userId) => void buffer.requiredMembers.push({ roomId, userId }),
    endCredentials: (keys) => void buffer.endedCredentials.push(...keys),
    tellAsMember: (roomId, userId) => void buffer.audience.push({ roomId, userId }),
    whenNumbered: (work) => void buffer.numbered.push(work),
    wake: (round) => void buffer.woken.add(round),
    enqueue: (name, data) => enqueue(em, name, data),
  };
}

function inOrderOfAppending(buffer: FactBuffer, commits: readonly Commit[]): RoomEvent[] {
  const byId = new Map(commits.flatMap(({ events }) => events.map((event) => [event.id, event])));
  return buffer.facts.flatMap(({ ref }) => byId.get(ref.id) ?? []);
}

const retryable = new Set(['40001', '40P01']);

/** A deadlock or serialization failure is the database's affair, not the caller's: the work has left no trace and runs again. */
async function retried<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= 3 || !retryable.has(sqlState(error) ?? '')) throw error;
    }
  }
}
