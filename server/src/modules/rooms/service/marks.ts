import type { MikroORM } from '@mikro-orm/postgresql';
import { refuseField } from '@safesend/shared/failure.ts';
import type { Logger } from '../../../kernel/log.ts';
import { findSight } from '../../../kernel/reading.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
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

/**
 * Moves a read mark: `forward` never goes back (a device that lags must not unread what another has read). A mark is no
 * fact, so a transaction is opened only when something is read with it.
 */
export function markingRead(transact: Transact, together: ReadTogether) {
  return async (em: Em, mark: Mark, forward: boolean): Promise<number> => {
    const sight = await findSight(em, mark.roomId, mark.userId);
    if (mark.seq > sight.headSeq) throw refuseField('invalid', 'seq', 'The room is not that far yet.');
    const due = await together.findDue(em, [mark]);
    if (due.size === 0) return moveMark(em, mark, forward);
    const { result } = await transact({ id: mark.userId }, async (tx) => {
      await together.settle(tx, mark.roomId, mark.seq);
      return moveMark(tx.em, mark, forward);
    });
    return result;
  };
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

async function moveMark(em: Em, { roomId, userId, seq }: Mark, forward: boolean): Promise<number> {
  const row = await queryOne<{ seq: number }>(
    em,
    `insert into read_marks (room_id, user_id, seq) values ($1, $2, $3)
     on conflict (room_id, user_id) do update
       set seq = case when $4 then greatest(read_marks.seq, excluded.seq) else excluded.seq end
     returning seq::float8 as seq`,
    [roomId, userId, seq, forward],
  );
  return row?.seq ?? seq;
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
