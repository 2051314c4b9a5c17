import type { Project } from '@safesend/shared/projects/project.ts';
import type { Member } from '@safesend/shared/rooms/member.ts';
import { m } from '#lib/paraglide/messages.js';

/** Of several who are called by the same role: which of them pays, or is paid. Empty where the role says it. */
export function partWord(
  { userId, role }: Pick<Member, 'userId' | 'role'>,
  members: readonly Pick<Member, 'role'>[],
  project: Pick<Project, 'clientId' | 'freelancerId'> | null | undefined,
): string {
  if (!project || members.filter((it) => it.role === role).length < 2) return '';
  if (userId === project.clientId) return m.room_person_pays();
  return userId === project.freelancerId ? m.room_person_paid() : '';
}
