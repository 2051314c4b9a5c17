const keyOf = (userId: string, projectId: string) => `safesend:celebrated:${userId}:${projectId}`;
const freshDays = 30;

/** Is this completion news to this person? Asked once, answered yes once. */
export function isNews(userId: string, projectId: string, completedAt: string | null, now: number): boolean {
  if (completedAt === null || now - new Date(completedAt).getTime() > freshDays * 86_400_000) return false;
  try {
    const key = keyOf(userId, projectId);
    const isNew = localStorage.getItem(key) === null;
    localStorage.setItem(key, completedAt);
    return isNew;
  } catch {
    return false;
  }
}
