import type { Currency } from '@safesend/shared/money.ts';
import type { ProjectListItem } from '@safesend/shared/projects/calls.ts';
import { awaitedStatuses } from '@safesend/shared/projects/awaited.ts';
import type { ProjectStatus } from '@safesend/shared/projects/project.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { findMembers } from '../../rooms/service/members.ts';
import { readCursor, writeCursor } from './cursor.ts';

export interface ListFilter {
  readonly status?: ProjectStatus | undefined;
  readonly archived?: 'true' | 'false' | undefined;
  readonly q?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

interface Row {
  id: string;
  room_id: string;
  title: string;
  description: string;
  currency: Currency;
  status: ProjectStatus;
  owner_id: string;
  client_id: string | null;
  freelancer_id: string | null;
  platform_fee_bps: number;
  service_fee_bps: number;
  created_at: Date | string;
  activated_at: Date | string | null;
  completed_at: Date | string | null;
  cancelled_at: Date | string | null;
  total_minor: number;
  milestone_count: number;
  milestone_states: ProjectListItem['milestoneStates'];
  next_due_at: Date | string | null;
  overdue_count: number;
  open_invitations: number;
  unread: number;
  last_event_at: Date | string;
  as_of: Date | string;
  archived: boolean;
}

/** `standingOf` of a milestone `s`; a test holds the two together. */
const standing = `case
    when (s.hold ->> 'frozenMinor')::bigint = 0 and s.clocks @> '[{"kind": "evidence"}]' then 'contested'
    when s.status = 'funding' and s.waiting ->> 'reason' = 'declined' then 'planned'
    when s.status in ('refunded', 'cancelled', 'released') and (s.hold ->> 'chargedBackMinor')::bigint
      + (s.hold ->> 'owedMinor')::bigint + (s.hold ->> 'recoveredMinor')::bigint > 0 then 'charged_back'
    else s.status end`;

/**
 * Projects by their newest fact as it stood at one instant, which the cursor keeps: what happens while somebody turns
 * the pages neither repeats a project nor hides one. The figures are those of now.
 */
const cards = `
  with page as (
    select p.*, newest.at as last_event_at, clock.as_of, clock.now,
      exists (select from project_archives a where a.project_id = p.id and a.user_id = $1) as archived
    from (select product_now() as now, coalesce($2::timestamptz, product_now()) as as_of) clock,
      memberships m join projects p on p.room_id = m.room_id
      cross join lateral (
        select f.at from facts f where f.room_id = p.room_id and (f.at <= as_of or f.seq = 1)
        order by f.seq desc limit 1) newest
    where m.user_id = $1 and m.until_seq is null and p.deleted_at is null and p.created_at <= as_of
      and ($3::text is null or p.status = $3)
      and ($4::boolean is null or $4 = exists (select from project_archives a where a.project_id = p.id and a.user_id = $1))
      and ($5::text is null or p.title ilike $5)
      and ($6::timestamptz is null or (newest.at, p.id) < ($6, $7::uuid))
    order by newest.at desc, p.id desc limit $8
  )
  select page.*, plan.*, states.*, unread_count(page.room_id, $1)::float8 as unread,
    (select count(*) from invitations i
     where i.project_id = page.id and i.status = 'pending' and i.expires_at > page.now)::float8 as open_invitations
  from page cross join lateral (
    select coalesce(sum(s.amount_minor) filter (where s.status <> 'refunded'), 0)::float8 as total_minor, count(*)::float8 as milestone_count,
      min(s.due_at) filter (where is_awaited and s.due_at >= page.now) as next_due_at,
      count(*) filter (where is_awaited and s.due_at < page.now)::float8 as overdue_count
    from milestones s
      cross join lateral (select s.status = any($9) and page.status in ('draft', 'active') as is_awaited) its
    where s.project_id = page.id and s.status <> 'cancelled') plan
    cross join lateral (
      select coalesce(json_agg(of_state order by of_state.status), '[]') as milestone_states
      from (select ${standing} as status, count(*) from milestones s where s.project_id = page.id group by 1) of_state) states
  order by page.last_event_at desc, page.id desc`;

export async function findProjects(
  em: Em,
  userId: string,
  { status, archived = 'false', q, limit = 20, cursor }: ListFilter,
): Promise<{ items: ProjectListItem[]; nextCursor: string | null }> {
  const from = cursor === undefined ? null : readCursor(cursor);
  const rows = await query<Row>(em, cards, [
    userId,
    from?.asOf ?? null,
    status ?? null,
    archived === 'true',
    q === undefined || q === '' ? null : containing(q),
    from?.lastEventAt ?? null,
    from?.id ?? null,
    limit + 1,
    awaitedStatuses,
  ]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const nextCursor = last
    ? writeCursor({ asOf: iso(last.as_of), lastEventAt: iso(last.last_event_at), id: last.id })
    : null;
  return { items: await asItems(em, shown), nextCursor };
}

async function asItems(em: Em, rows: readonly Row[]): Promise<ProjectListItem[]> {
  const members = await findMembers(
    em,
    rows.map(({ room_id }) => room_id),
  );
  return rows.map((row) => ({
    id: row.id,
    roomId: row.room_id,
    title: row.title,
    description: row.description,
    currency: row.currency,
    status: row.status,
    ownerId: row.owner_id,
    clientId: row.client_id,
    freelancerId: row.freelancer_id,
    fees: { platformFeeBps: row.platform_fee_bps, serviceFeeBps: row.service_fee_bps },
    createdAt: iso(row.created_at),
    activatedAt: row.activated_at && iso(row.activated_at),
    completedAt: row.completed_at && iso(row.completed_at),
    cancelledAt: row.cancelled_at && iso(row.cancelled_at),
    totalMinor: row.total_minor,
    milestoneCount: row.milestone_count,
    milestoneStates: row.milestone_states,
    nextDueAt: row.next_due_at && iso(row.next_due_at),
    overdueCount: row.overdue_count,
    openInvitations: row.open_invitations,
    unread: row.unread,
    lastEventAt: iso(row.last_event_at),
    archived: row.archived,
    members: members.get(row.room_id) ?? [],
  }));
}

/** A pattern that finds the text anywhere; its own `%` and `_` mean themselves. */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}

function iso(moment: Date | string): string {
  return new Date(moment).toISOString();
}
