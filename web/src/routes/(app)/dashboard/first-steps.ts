import type { Dashboard } from '@safesend/shared/projects/calls.ts';
import { m } from '#lib/paraglide/messages.js';
import { dialogHref, type ProjectDialog } from '#lib/projects/dialogs.ts';

export interface FirstStep {
  readonly title: string;
  readonly text: string;
  /** Null while there is no project to take the step in. */
  readonly href: string | null;
  readonly done: boolean;
}

/** From an empty account to two people at work; each step is done when the projects say so. */
export function firstSteps({ recent, projects }: Dashboard): FirstStep[] {
  const [newest] = recent;
  const step = (dialog: ProjectDialog) => (newest ? dialogHref(newest.id, dialog) : null);
  const room = recent.find(({ members }) => members.length > 1) ?? newest;
  return [
    {
      title: m.dashboard_step_project(),
      text: m.dashboard_step_project_text(),
      href: newest ? '/projects' : '/projects/new',
      done: Object.values(projects).some((count) => count > 0),
    },
    {
      title: m.dashboard_step_milestone(),
      text: m.dashboard_step_milestone_text(),
      href: step('milestone'),
      done: recent.some(({ milestoneCount }) => milestoneCount > 0),
    },
    {
      title: m.dashboard_step_invite(),
      text: m.dashboard_step_invite_text(),
      href: step('invite'),
      done: recent.some(({ openInvitations, members }) => openInvitations > 0 || members.length > 1),
    },
    {
      title: m.dashboard_step_talk(),
      text: m.dashboard_step_talk_text(),
      href: room ? `/rooms/${room.roomId}` : null,
      done: projects.active + projects.completed > 0,
    },
  ];
}

const keyOf = (userId: string) => `safesend:first-steps-hidden:${userId}`;

export function areHidden(userId: string): boolean {
  try {
    return localStorage.getItem(keyOf(userId)) !== null;
  } catch {
    return false;
  }
}

export function hide(userId: string): void {
  try {
    localStorage.setItem(keyOf(userId), '1');
  } catch {
    return;
  }
}
