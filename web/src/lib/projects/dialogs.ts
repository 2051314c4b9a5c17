/** What a link to a project may open there at once. */
export type ProjectDialog = 'invite' | 'milestone';

const parameter = 'open';

export function dialogHref(projectId: string, dialog: ProjectDialog): string {
  return `/projects/${projectId}?${parameter}=${dialog}`;
}

export function dialogOf(url: URL): ProjectDialog | null {
  const asked = url.searchParams.get(parameter);
  return asked === 'invite' || asked === 'milestone' ? asked : null;
}
