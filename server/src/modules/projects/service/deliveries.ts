import type { Delivery } from '@safesend/shared/projects/calls.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Contested } from '../../files/access.ts';
import { readCursor } from '../../files/service/reading.ts';

/** Which of these milestones is contested: its client's bank, or a dispute, has not decided, or has taken its money back. */
export async function findContested(em: Em, milestoneIds: readonly string[]): Promise<Contested | null> {
  return queryOne<Contested>(
    em,
    `select m.title, case when m.status = 'disputed' or h.frozen_minor > 0 or c.is_open then 'open' else 'lost' end as state
     from milestones m left join holds h on h.milestone_id = m.id
       cross join lateral (
         select coalesce(bool_or(status = 'open'), false) as is_open, coalesce(bool_or(status = 'lost'), false) as is_lost
         from chargebacks where hold_id = h.id) c
     where m.id = any($1) and (m.status = 'disputed' or h.frozen_minor > 0 or c.is_open or c.is_lost)
     order by 2 desc, m.position limit 1`,
    [milestoneIds],
  );
}

/** The milestones of my rooms for which files were handed in, the newest first. */
export async function findDeliveries(
  em: Em,
  userId: string,
  {
    roomId,
    limit = 50,
    cursor,
  }: { roomId?: string | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Delivery[]; nextCursor: string | null }> {
  const rows = await query<Delivery>(
    em,
    `select s.id as "milestoneId", s.title, p.room_id as "roomId", p.title as "projectTitle"
     from milestones s join projects p on p.id = s.project_id and p.deleted_at is null
       join memberships m on m.room_id = p.room_id and m.user_id = $1 and m.until_seq is null
     where exists (select from file_pins f where f.milestone_id = s.id)
       and ($2::uuid is null or p.room_id = $2) and ($3::uuid is null or s.id < $3)
     order by s.id desc limit $4`,
    [userId, roomId ?? null, cursor === undefined ? null : readCursor(cursor), limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.milestoneId ?? null) : null };
}
