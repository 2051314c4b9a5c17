import type { Currency } from '@safesend/shared/money.ts';
import { awaitedStatuses } from '@safesend/shared/projects/awaited.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { Project } from '@safesend/shared/projects/project.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';
import { m } from '#lib/paraglide/messages.js';

export function isOverdue({ dueAt, status }: Pick<Milestone, 'dueAt' | 'status'>, now: number): boolean {
  return awaitedStatuses.includes(status) && dueAt !== null && new Date(dueAt).getTime() < now;
}

/** The client plans; before the work begins either side may. The server has the last word. */
export function mayPlan({ status, clientId }: Project, role: RoomRole | undefined, myId: string): boolean {
  return status === 'draft' || (status === 'active' && (role === 'client' || clientId === myId));
}

export function roleName(role: RoomRole): string {
  return role === 'client' ? m.project_client() : m.project_freelancer();
}

export function otherRole(role: RoomRole): RoomRole {
  return role === 'client' ? 'freelancer' : 'client';
}

/** The way every project goes; a cancelled one stopped where it was. */
export function stageOf({ status }: Pick<Project, 'status'>): number {
  return { draft: 1, active: 2, completed: 4, cancelled: 1 }[status];
}

export function stages() {
  return [
    { label: m.project_stage_draft() },
    { label: m.project_stage_people() },
    { label: m.project_stage_active() },
    { label: m.project_stage_completed() },
  ];
}

export interface Sum {
  readonly currency: Currency;
  readonly amountMinor: number;
}
