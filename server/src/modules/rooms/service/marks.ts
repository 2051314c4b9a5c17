import { refuseField } from '@safesend/shared/failure.ts';
import { findSight } from '../../../kernel/reading.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';

/** Moves a read mark: `forward` never goes back (a device that lags must not unread what another has read). */
export async function markRead(em: Em, roomId: string, userId: string, seq: number, forward: boolean): Promise<number> {
  const sight = await findSight(em, roomId, userId);
  if (seq > sight.headSeq) throw refuseField('invalid', 'seq', 'The room is not that far yet.');
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
