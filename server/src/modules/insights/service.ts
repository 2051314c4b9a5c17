import type { Currency } from '@safesend/shared/money.ts';
import type { Dashboard } from '@safesend/shared/projects/calls.ts';
import { awaitedStatuses } from '@safesend/shared/projects/awaited.ts';
import type { ProjectStatus } from '@safesend/shared/projects/project.ts';
import { query, queryOne, type Em } from '../../kernel/sql.ts';
import { atOneInstant } from '../../kernel/transact.ts';
import { countUnread } from '../notifications/service.ts';
import { Milestone } from '../projects/entity.ts';
import { presentMilestone } from '../projects/present.ts';
import { findProjects } from '../projects/service/lists.ts';
import { findMyInvitations } from '../projects/service/reading.ts';

const recentProjects = 6;
const upcomingMilestones = 8;

/** Everything counted at one instant: no figure contradicts another. */
export async function findDashboard(em: Em, userId: string): Promise<Dashboard> {
  return atOneInstant(em, async (reading) => {
    const figures = await findFigures(reading, userId);
    return {
      ...figures,
      unreadNotifications: await countUnread(reading, userId),
      openInvitations: (await findMyInvitations(reading, userId, {})).items,
      planned: await findPlanned(reading, userId),
      upcoming: await findUpcoming(reading, userId),
      turns: await findTurns(reading, userId),
      recent: (await findProjects(reading, userId, { limit: recentProjects })).items,
    };
  });
}

/** My projects, and which of them are still being worked on. */
const mine = `mine as (
  select p.id, p.room_id, p.title, p.status, p.status in ('draft', 'active') as is_open
  from memberships m join projects p on p.room_id = m.room_id
  where m.user_id = $1 and m.until_seq is null and p.deleted_at is null)`;

interface FigureRow extends Record<ProjectStatus, number> {
  unread: number;
  overdue: number;
}

async function findFigures(em: Em, userId: string): Promise<Pick<Dashboard, 'projects' | 'unread' | 'overdueCount'>> {
  const row = await queryOne<FigureRow>(
    em,
    `with ${mine}
     select count(*) filter (where status = 'draft')::float8 as draft,
       count(*) filter (where status = 'active')::float8 as active,
       count(*) filter (where status = 'completed')::float8 as completed,
       count(*) filter (where status = 'cancelled')::float8 as cancelled,
       (select coalesce(sum(unread_count(m.room_id, m.user_id)), 0) from memberships m join rooms r on r.id = m.room_id
        where m.user_id = $1 and m.until_seq is null and r.kind <> 'inbox')::float8 as unread,
       (select count(*) from milestones s join mine on mine.id = s.project_id and mine.is_open
        where s.status = any($2) and s.due_at < product_now())::float8 as overdue
     from mine`,
    [userId, awaitedStatuses],
  );
  const { unread = 0, overdue = 0, draft = 0, active = 0, completed = 0, cancelled = 0 } = row ?? {};
  return { projects: { draft, active, completed, cancelled }, unread, overdueCount: overdue };
}

async function findPlanned(em: Em, userId: string): Promise<Dashboard['planned']> {
  return query<{ currency: Currency; amountMinor: number; count: number }>(
    em,
    `with ${mine}
     select s.currency, sum(s.amount_minor)::float8 as "amountMinor", count(*)::float8 as count
     from milestones s join mine on mine.id = s.project_id and mine.is_open
     where s.status = 'planned' group by s.currency order by s.currency`,
    [userId],
  );
}

/** What is due next, the overdue first: planned, or being paid for and worked on. */
async function findUpcoming(em: Em, userId: string): Promise<Dashboard['upcoming']> {
  const rows = await query<{ id: string; room_id: string; project_title: string }>(
    em,
    `with ${mine}
     select s.id, mine.room_id, mine.title as project_title
     from milestones s join mine on mine.id = s.project_id and mine.is_open
     where s.status = any($3) and s.due_at is not null order by s.due_at, s.id limit $2`,
    [userId, upcomingMilestones, awaitedStatuses],
  );
  const milestones = await em.find(Milestone, { id: rows.map(({ id }) => id) });
  return rows.flatMap(({ id, room_id: roomId, project_title: projectTitle }) => {
    const milestone = milestones.find((it) => it.id === id);
    return milestone ? { milestone: presentMilestone(milestone), roomId, projectTitle } : [];
  });
}

/**
 * Where somebody on this side of the money can go on: what is asked of him, and what waits for him, first what ends first: a
 * countdown, else a date. What he owes asks nothing.
 */
async function findTurns(em: Em, userId: string): Promise<Dashboard['turns']> {
  const rows = await query<{ id: string; room_id: string; title: string; side: 'client' | 'freelancer' }>(
    em,
    `select s.id, p.room_id, p.title, case when p.client_id = $1 then 'client' else 'freelancer' end as side
     from projects p join milestones s on s.project_id = p.id left join holds h on h.milestone_id = s.id and h.funded_minor > 0
     where (p.client_id = $1 or p.freelancer_id = $1) and p.status = 'active' and p.deleted_at is null
       and (((s.proposal ->> 'proposedBy') <> $1::text and s.proposal ->> 'acceptedBy' is null) or (s.cancellation ->> 'requestedBy') <> $1::text
         or (p.client_id = $1 and (s.status in ('planned', 'submitted')
           or (s.waiting ->> 'on' = 'client' and coalesce(h.client_id, $1) = $1)))
         or (p.freelancer_id = $1 and (s.status in ('funded', 'started', 'changes_requested')
           or (s.waiting ->> 'on' = 'freelancer' and s.waiting ->> 'reason' <> 'recovery' and coalesce(h.freelancer_id, $1) = $1))))
     order by coalesce((select min((clock ->> 'dueAt')::timestamptz) from jsonb_array_elements(s.clocks) clock), s.due_at) nulls last,
       s.created_at, s.id limit $2`,
    [userId, upcomingMilestones],
  );
  const milestones = await em.find(Milestone, { id: rows.map(({ id }) => id) });
  return rows.flatMap(({ id, room_id: roomId, title: projectTitle, side }) => {
    const milestone = milestones.find((it) => it.id === id);
    return milestone ? { milestone: presentMilestone(milestone), roomId, projectTitle, side } : [];
  });
}
