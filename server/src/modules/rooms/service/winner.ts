import type { Winner } from '@safesend/shared/failure.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';

/** A thing whose fate can be decided once, and the facts that do. */
export interface Fate {
  readonly roomId: string;
  readonly id: string;
  readonly types: readonly RoomFact['type'][];
}

/** The newest fact that decided it, for whoever may see that fact. */
export async function findWinner(em: Em, userId: string, { roomId, id, types }: Fate): Promise<Winner | undefined> {
  const row = await queryOne<{ seq: number; type: string; id: string }>(
    em,
    `select f.seq::float8 as seq, f.type, f.id from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type = any($2) and coalesce(p.data ->> 'invitationId', p.data -> 'milestone' ->> 'id', p.data ->> 'id') = $3
       and exists (select from memberships m where m.room_id = $1 and m.user_id = $4 and m.until_seq is null)
       and exists (select from memberships m where m.room_id = $1 and m.user_id = $4 and f.seq >= m.from_seq
                   and (m.until_seq is null or f.seq <= m.until_seq))
     order by f.seq desc limit 1`,
    [roomId, types, id, userId],
  );
  return row ? { roomId, ...row } : undefined;
}
