import type { Project } from '@safesend/shared/projects/project.ts';

/** On whose side of the money one stands; other members of the room only look. */
export type Side = 'client' | 'freelancer' | 'watcher';

export function sideOf({ clientId, freelancerId }: Pick<Project, 'clientId' | 'freelancerId'>, userId: string): Side {
  if (userId === clientId) return 'client';
  return userId === freelancerId ? 'freelancer' : 'watcher';
}
