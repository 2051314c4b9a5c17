import type { MikroORM } from '@mikro-orm/postgresql';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { gatherTurn } from '../../../kernel/gather.ts';
import type { Logger } from '../../../kernel/log.ts';
import { keepPlan } from '../../../kernel/plans.ts';
import { findSights } from '../../../kernel/reading.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';

/** A person has read a room up to and including this number. */
export interface Mark {
  readonly roomId: string;
  readonly userId: string;
  readonly seq: number;
}

/** What else becomes read with a room, in the transaction that moves the mark. */
export interface ReadTogether {
  /** The places of the marks that have something to settle. Asked at every mark, so it costs one look at an index. */
  findDue(em: Em, marks: readonly Mark[]): Promise<ReadonlySet<number>>;
  settle(tx: Tx, roomId: string, seq: number): Promise<void>;
}

interface Asked {
  readonly mark: Mark;
  readonly forward: boolean;
}

/**
 * Moves read marks: `forward` never goes back (a device that lags must not unread what another has read). Everybody who
 * sees a new message says so in the same moment, so they share three statements. A mark is no fact: a transaction is
 * opened only when something is read with it.
 */
export function markingRead(orm: MikroORM, transact: Transact, together: ReadTogether) {
  const move = gatherTurn<Asked, number>(async (asked) => {
    const marks = asked.map(({ mark }) => mark);
    const [sights, due] = await Promise.all([findSights(orm.em.fork(), marks), together.findDue(orm.em.fork(), marks)]);
    const verdicts = asked.map(({ mark, forward }, at) => {
      const sight = sights[at];
      if (!sight) return { error: new Failure('missing', 'No such room.') };
      if (mark.seq > sight.headSeq) return { error: refuseField('invalid', 'seq', 'The room is not that far yet.') };
      if (due.has(at)) return { alone: () => moveWithOthers(mark, forward) };
      return null;
    });
    const plain = asked.filter((_, at) => verdicts[at] === null);
    const moved = await moveMarks(orm.em.fork(), plain).catch(() => null);
    return asked.map((it, at) => {
      const value = moved?.get(it);
      // When one of them spoilt it for all, each finds out for itself.
      return verdicts[at] ?? (value === undefined ? { alone: () => moveAlone(orm.em.fork(), it) } : { value });
    });
  });

  async function moveWithOthers(mark: Mark, forward: boolean): Promise<number> {
    const { result } = await transact({ id: mark.userId }, async (tx) => {
      await together.settle(tx, mark.roomId, mark.seq);
      return moveAlone(tx.em, { mark, forward });
    });
    return result;
  }

  return (mark: Mark, forward: boolean): Promise<number> => move({ mark, forward });
}

/** What is read by posting: after the messages of many people were committed, because none of them should wait for it. */
export function readingAlong(orm: MikroORM, transact: Transact, together: ReadTogether, log: Logger) {
  const settle = async (marks: readonly Mark[]) => {
    for (const at of await together.findDue(orm.em.fork(), marks)) {
      const { userId, roomId, seq } = marks[at] as Mark;
      await transact({ id: userId }, (tx) => together.settle(tx, roomId, seq));
    }
  };
  return (marks: readonly Mark[]): void => {
    settle(marks).catch((error: unknown) => log.warn({ err: error }, 'the next read mark clears what this one left'));
  };
}

export type MarkRead = ReturnType<typeof markingRead>;

const marksText = keepPlan(
  `insert into read_marks as kept (room_id, user_id, seq)
   select t.room_id, t.user_id, t.seq from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as t (room_id, user_id, seq)
   order by t.room_id, t.user_id
   on conflict (room_id, user_id) do update
     set seq = case when $4 then greatest(kept.seq, excluded.seq) else excluded.seq end
   returning room_id, user_id, seq::float8 as seq`,
);

async function moveAlone(em: Em, asked: Asked): Promise<number> {
  return (await moveMarks(em, [asked])).get(asked) ?? asked.mark.seq;
}

/** Where each mark is now. Locked in one order, so that those who move many do not wait for each other in a circle. */
async function moveMarks(em: Em, asked: readonly Asked[]): Promise<Map<Asked, number>> {
  const moved = new Map<Asked, number>();
  // In the order in which they came: of two that move one mark, the second has the last word.
  for (let rest = asked; rest.length > 0;) {
    const [first] = rest;
    const seen = new Set<string>();
    const next: Asked[] = [];
    const now = rest.filter((it) => {
      const isNow = it.forward === first?.forward && !seen.has(placeOf(it.mark));
      seen.add(placeOf(it.mark));
      if (!isNow) next.push(it);
      return isNow;
    });
    const rows = await query<{ room_id: string; user_id: string; seq: number }>(em, marksText, [
      now.map(({ mark }) => mark.roomId),
      now.map(({ mark }) => mark.userId),
      now.map(({ mark }) => mark.seq),
      first?.forward,
    ]);
    const seqs = new Map(rows.map(({ room_id: roomId, user_id: userId, seq }) => [placeOf({ roomId, userId }), seq]));
    for (const it of now) moved.set(it, seqs.get(placeOf(it.mark)) ?? it.mark.seq);
    rest = next;
  }
  return moved;
}

function placeOf({ roomId, userId }: Pick<Mark, 'roomId' | 'userId'>): string {
  return `${roomId} ${userId}`;
}

/** Who sits in a room now: the people a passing signal is for. */
export async function findMemberIds(em: Em, roomId: string): Promise<string[]> {
  const row = await queryOne<{ ids: string[] | null }>(
    em,
    'select array_agg(user_id::text) as ids from memberships where room_id = $1 and until_seq is null',
    [roomId],
  );
  return row?.ids ?? [];
}
