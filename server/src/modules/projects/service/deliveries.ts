import type { Evidence } from '@safesend/shared/files/file.ts';
import { evidenceDays } from '@safesend/shared/files/limits.ts';
import type { Delivery } from '@safesend/shared/projects/calls.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { readCursor } from '../../files/service/reading.ts';

/**
 * Which of these milestones needs what was handed in for it: its money is contested, was charged back, is not settled, or was
 * so lately that a bank may take the payment back.
 */
export async function findClaim(em: Em, milestoneIds: readonly string[]): Promise<Evidence | null> {
  const row = await queryOne<Omit<Evidence, 'until'> & { readonly until: Date }>(
    em,
    `select m.title as "milestoneTitle", s.until,
       case when is_disputed then 'disputed' when is_lost then 'charged_back' when is_unsettled then 'unsettled' else 'recent' end as state
     from milestones m join holds h on h.milestone_id = m.id
       cross join lateral (
         select coalesce(bool_or(status = 'open'), false) as is_open, coalesce(bool_or(status = 'lost'), false) as is_lost,
           max(closed_at) as closed_at from chargebacks where hold_id = h.id) c
       cross join lateral (
         select m.status = 'disputed' or h.frozen_minor > 0 or c.is_open as is_disputed,
           m.status not in ('released', 'refunded', 'cancelled')
             or h.held_minor + h.frozen_minor + h.releasing_minor + h.refunding_minor > 0 as is_unsettled,
           greatest(h.funded_at, h.settled_at, c.closed_at) + make_interval(days => $2) as until) s
     where m.id = any($1) and (is_disputed or is_lost or is_unsettled or until > product_now())
     order by is_disputed desc, is_lost desc, is_unsettled desc, until desc, m.position limit 1`,
    [milestoneIds, evidenceDays],
  );
  return row && { ...row, until: row.state === 'recent' ? new Date(row.until).toISOString() : null };
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
